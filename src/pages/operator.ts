import { posix } from 'node:path'
import type { FastifyPluginAsync } from 'fastify'
import { html } from 'ghtml'
import assets from './assets.js'
import { pageSecurity, renderPage } from './layout.js'
import { secludedHeaders } from './security-headers.js'

export interface OperatorPageOptions {
  /** Path of the page. */
  path: string
  /** Path of the operator's routes. */
  apiPrefix: string
  /** Whether operators prove themselves by a token alone; otherwise the app may know them already, by a cookie. */
  byToken: boolean
}

/** The operator's page: a shell without any data, which the browser fills. */
const operatorPage: FastifyPluginAsync<OperatorPageOptions> = async (app, { path, apiPrefix, byToken }) => {
  // Relative addresses lead there under any prefix, of the app and of proxies before it.
  const from = posix.dirname(path)
  const self = `./${posix.basename(path)}`
  const assetsAddress = `${self}/assets`
  const page = renderPage({
    title: 'Operator',
    assets: assetsAddress,
    data: { api: posix.relative(from, apiPrefix), 'by-token': String(byToken) },
    styles: ['lib/uplot/uPlot.min.css', 'operator/operator.css'],
    modules: ['operator/app.js'],
    body: html`
<a class="skip-link" href="#content">Skip to the content</a>
<header class="bar"><div>
<a class="brand" href="${self}"><img src="${assetsAddress}/icon.svg" alt=""> Operator</a>
<div id="tools" class="row"></div>
</div></header>
<main id="content" tabindex="-1"><noscript><p class="notice">This page needs JavaScript.</p></noscript></main>
<p id="announcements" class="visually-hidden" role="status"></p>
<dialog id="dialog" aria-labelledby="dialog-heading"></dialog>`
  })
  const headers = { ...secludedHeaders(pageSecurity(assetsAddress)), 'cache-control': 'no-cache' }

  await app.register(assets, { path: `${path}/assets` })
  app.get(path, { schema: { hide: true } }, async (request, reply) => {
    // An app may take a slash at the end, from where the addresses would lead elsewhere.
    if (request.url.split('?')[0]?.endsWith('/') === true) return await reply.redirect(`../${posix.basename(path)}`)
    return await reply.headers(headers).type('text/html; charset=utf-8').send(page)
  })
}

export default operatorPage
