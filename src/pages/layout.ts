import { createHash } from 'node:crypto'
import { html } from 'ghtml'
import { importMap } from './assets.js'

export interface Page {
  title: string
  /** Path that the service is reached under, without a slash at its end. */
  basePath: string
  /** HTML of `<body>`. */
  body: string
  /** Further HTML of `<head>`. */
  head?: string
  /** Stylesheets in `public/`, after `style.css`. */
  styles?: string[]
  /** Modules in `public/`, which may import the libraries of `assets.ts`. */
  modules?: string[]
}

/** A whole HTML page. */
export function renderPage ({ title, basePath, body, head = '', styles = [], modules = [] }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${basePath}/assets/icon.svg" type="image/svg+xml">
!${['style.css', ...styles].map(file => html`<link rel="stylesheet" href="${basePath}/assets/${file}">`)}
!${modules.length > 0 ? `<script type="importmap">${importMap(basePath)}</script>` : ''}
!${modules.map(file => html`<script type="module" src="${basePath}/assets/${file}"></script>`)}
!${head}
</head>
<body data-base-path="${basePath}">
!${body}
</body>
</html>
`
}

/**
 * The directives of a Content-Security-Policy for a page that loads nothing from elsewhere.
 * @param origins further origins that scripts are loaded from, and may talk to
 */
export function pageSecurity (basePath: string, origins: string[] = []) {
  const importMapHash = createHash('sha256').update(importMap(basePath)).digest('base64')
  return {
    'script-src': ["'self'", `'sha256-${importMapHash}'`, ...origins],
    'connect-src': ["'self'", ...origins],
    'style-src': ["'self'"],
    'font-src': ["'self'"],
    'img-src': ["'self'", 'data:']
  }
}
