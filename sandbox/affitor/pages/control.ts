import type { FastifyInstance } from 'fastify'
import { renderStandInPage } from '../../pages/frame.js'
import type { StandInLinks } from '../../pages/frame.js'
import pages from '../../pages/plugin.js'

const MAIN = `<h1>What Affitor does</h1>
<p class="lede">Affitor's part is played on this machine, and no partner is paid. Take it away, slow it down or have it fail,
and see that every fact still arrives once when it comes back.</p>
<div id="app"><p class="quiet">Loading …</p></div>
<noscript><p class="notice" data-tone="warn">This page needs JavaScript. Everything that it does is also a JSON route under <code>/_sandbox</code>.</p></noscript>`

/** The page at `/`; all that it does are requests to the control surface. */
export async function controlPage (app: FastifyInstance, { links }: { links: () => StandInLinks }): Promise<void> {
  await app.register(pages)
  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(renderStandInPage({
    standIn: 'affitor', title: 'What Affitor does', main: MAIN, links: links(), styles: ['control.css'], modules: ['affitor.js']
  })))
}
