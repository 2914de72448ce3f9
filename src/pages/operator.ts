import type { FastifyPluginAsync } from 'fastify'
import { html } from 'ghtml'
import { pageSecurity, renderPage } from './layout.js'

export interface OperatorPageOptions {
  /** Path that the service is reached under, without a slash at its end. */
  basePath: string
}

/** The operator's page: a shell without any data, which the browser fills with the operator's token. */
const operatorPage: FastifyPluginAsync<OperatorPageOptions> = async (app, { basePath }) => {
  const page = renderPage({
    title: 'Operator',
    basePath,
    styles: ['lib/uplot/uPlot.min.css', 'operator/operator.css'],
    modules: ['operator/app.js'],
    body: html`
<a class="skip-link" href="#content">Skip to the content</a>
<header class="bar"><div>
<a class="brand" href="${basePath}/operator"><img src="${basePath}/assets/icon.svg" alt=""> Operator</a>
<div id="tools" class="row"></div>
</div></header>
<main id="content" tabindex="-1"><noscript><p class="notice">This page needs JavaScript.</p></noscript></main>
<p id="announcements" class="visually-hidden" role="status"></p>`
  })

  app.get('/operator', { schema: { hide: true }, config: { contentSecurityPolicy: pageSecurity(basePath) } }, async (_request, reply) =>
    await reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page))
}

export default operatorPage
