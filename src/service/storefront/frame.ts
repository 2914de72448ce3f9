import { html } from 'ghtml'
import { renderPage } from '../../pages/layout.js'
import { renderSandboxStrip } from './sandbox-strip.js'
import type { SandboxLinks } from './sandbox-strip.js'

/** What every page of the storefront knows of the service. */
export interface Shop {
  /** Path that the service is reached under, without a slash at its end. */
  basePath: string
  /** Address of Affitor, which serves the tracker. */
  affitorApiUrl: string
  programId: string
  /** The stand-ins' addresses; undefined with real accounts. */
  sandbox: SandboxLinks | undefined
}

export interface ShopPage {
  title: string
  /** HTML of `<main>`. */
  main: string
  /** HTML at the end of the bar. */
  tools?: string
  /** What to do next, for whoever tries out the sandbox: HTML. */
  nextStep: string
  modules?: string[]
}

/** A page of the storefront: strip, bar, content, and Affitor's tracker exactly as Affitor documents its tag. */
export function renderShopPage (shop: Shop, { title, main, tools = '', nextStep, modules = [] }: ShopPage): string {
  const { basePath, affitorApiUrl, programId, sandbox } = shop
  return renderPage({
    title: `${title} · Example store`,
    assets: `${basePath}/assets`,
    data: { 'base-path': basePath },
    styles: ['storefront/storefront.css'],
    modules,
    head: html`<script src="${affitorApiUrl}/js/affitor-tracker.js" data-affitor-program-id="${programId}" defer></script>`,
    body: html`<a class="skip-link" href="#content">Skip to the content</a>
!${sandbox === undefined ? '' : renderSandboxStrip(sandbox, basePath, nextStep)}
<header class="bar"><div>
  <a class="brand" href="${basePath}/"><img src="${basePath}/assets/icon.svg" alt="" width="26" height="26"> Example store</a>
  !${tools}
</div></header>
<main id="content" class="shop">
!${main}
</main>`
  })
}
