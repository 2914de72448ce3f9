import { html } from 'ghtml'

/** Addresses of the stand-ins, whose first pages show what they hold. */
export interface SandboxLinks {
  stripeUrl: string
  affitorUrl: string
}

/** Code of the partner whom the stand-in for Affitor knows from the start. */
export const SANDBOX_PARTNER = 'TESTCODE'

/** Says that no money moves, what to try next, and where to look. */
export function renderSandboxStrip ({ stripeUrl, affitorUrl }: SandboxLinks, basePath: string, nextStep: string): string {
  const links = [['Operator', `${basePath}/operator`], ['Stripe', `${stripeUrl}/`], ['Affitor', `${affitorUrl}/`], ['API', `${basePath}/docs`]]
  return html`<aside class="strip" aria-label="Sandbox"><div>
  <strong>Sandbox: no money moves</strong>
  <span class="next">!${nextStep}</span>
  <nav aria-label="Behind the store">!${links.map(([name, address]) => html`<a href="${address}">${name}</a> `)}</nav>
</div></aside>`
}
