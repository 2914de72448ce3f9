import type { FastifyInstance } from 'fastify'
import { renderStandInPage } from '../../pages/frame.js'
import type { StripePagesOptions } from './options.js'

const MAIN = `<h1>What time and banks do</h1>
<p class="lede">Stripe's part is played on this machine, and no money moves. Press here what would happen by itself in reality:
periods end, debits clear, cards are declined, buyers want their money back.</p>
<div id="app"><p class="quiet">Loading …</p></div>
<noscript><p class="notice" data-tone="warn">This page needs JavaScript. Everything that it does is also a JSON route under <code>/_sandbox</code>.</p></noscript>`

/** The page at `/`; all that it does are requests to the control surface. */
export async function controlPage (app: FastifyInstance, { links }: StripePagesOptions): Promise<void> {
  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(renderStandInPage({
    standIn: 'stripe', title: 'What time and banks do', main: MAIN, links: links(), styles: ['control.css'], modules: ['stripe.js']
  })))
}
