import { html } from 'ghtml'
import { renderPage } from '../../src/pages/layout.js'

const NAMES = {
  storefront: 'Storefront', operator: 'Operator page', stripe: 'Stripe stand-in', affitor: 'Affitor stand-in', docs: 'API docs'
} as const

type Place = keyof typeof NAMES

/** Addresses of the other parts of the sandbox; a part without one is not linked to. */
export type StandInLinks = Partial<Record<Place, string>>

export interface StandInPage {
  standIn: 'stripe' | 'affitor'
  title: string
  /** HTML of `<main>`. */
  main: string
  links: StandInLinks
  /** A column for one thing, instead of the whole width. */
  narrow?: boolean
  /** Files of `sandbox/pages/public`. */
  styles?: string[]
  modules?: string[]
}

/** A whole page of a stand-in: its name and the way to the other parts on top. */
export function renderStandInPage ({ standIn, title, main, links, narrow = false, styles = [], modules = [] }: StandInPage): string {
  const places = (Object.keys(NAMES) as Place[]).filter(place => place !== standIn && links[place] !== undefined)
  return renderPage({
    title: `${title} · ${NAMES[standIn]}`,
    assets: '/assets',
    styles: ['frame.css', ...styles].map(file => `sandbox/${file}`),
    modules: modules.map(file => `sandbox/${file}`),
    body: html`<a class="skip-link" href="#main">Skip to the content</a>
<header class="bar"><div>
<a class="brand" href="/"><img src="/assets/icon.svg" alt="">${NAMES[standIn]}</a>
!${places.length > 0 ? html`<nav aria-label="Other parts of the sandbox">!${places.map(place => html`<a href="${links[place]}">${NAMES[place]}</a>`)}</nav>` : ''}
</div></header>
<main id="main" tabindex="-1" class="${narrow ? 'narrow' : ''}">
!${main}
</main>`
  })
}
