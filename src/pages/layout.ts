import { createHash } from 'node:crypto'
import { html } from 'ghtml'
import { importMap } from './assets.js'

export interface Page {
  title: string
  /** Where the page finds its assets, as `importMap` takes it. */
  assets: string
  /** What the page's modules are told: the `data-` attributes of `<body>`. */
  data?: Record<string, string>
  /** HTML of `<body>`. */
  body: string
  /** Further HTML of `<head>`. */
  head?: string
  /** Stylesheets among the assets, after `style.css`. */
  styles?: string[]
  /** Modules among the assets, which may import the libraries of `assets.ts`. */
  modules?: string[]
}

/** A whole HTML page. */
export function renderPage ({ title, assets, data = {}, body, head = '', styles = [], modules = [] }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${assets}/icon.svg" type="image/svg+xml">
!${['style.css', ...styles].map(file => html`<link rel="stylesheet" href="${assets}/${file}">`)}
!${modules.length > 0 ? `<script type="importmap">${importMap(assets)}</script>` : ''}
!${modules.map(file => html`<script type="module" src="${assets}/${file}"></script>`)}
!${head}
</head>
<body!${Object.entries(data).map(([name, value]) => html` data-${name}="${value}"`)}>
!${body}
</body>
</html>
`
}

/**
 * The directives of a Content-Security-Policy for a page that loads nothing from elsewhere.
 * @param assets as `Page` has it
 * @param origins further origins that scripts are loaded from, and may talk to
 */
export function pageSecurity (assets: string, origins: string[] = []) {
  const importMapHash = createHash('sha256').update(importMap(assets)).digest('base64')
  return {
    'script-src': ["'self'", `'sha256-${importMapHash}'`, ...origins],
    'connect-src': ["'self'", ...origins],
    'style-src': ["'self'"],
    'font-src': ["'self'"],
    'img-src': ["'self'", 'data:']
  }
}
