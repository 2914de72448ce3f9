import { randomUUID } from 'node:crypto'
import type { OpenAPIV3_1 } from 'openapi-types'
import { CustomerKey, Email } from '../../../schemas/common.js'
import { RefundReport, SaleReport } from '../../../schemas/facts.js'

/** What the page of a sandbox tells: nothing of it is secret, and no real account takes it. */
export interface DocsSandbox {
  /** Undefined: one that somebody has set, which is told to nobody. */
  operatorToken: string | undefined
  apiToken: string | undefined
  webhookPath: string
  webhookSecret: string
  stripeUrl: string
  affitorUrl: string
}

/** The document as a sandbox's page has it: with what makes each operation answer when a newcomer goes from top to bottom. */
export function inSandbox (document: object, sandbox: DocsSandbox): object {
  const now = Date.now().toString(36)
  const copy = JSON.parse(renew(JSON.stringify(document), now)) as OpenAPIV3_1.Document
  for (const { post } of Object.values(copy.paths ?? {}) as OpenAPIV3_1.PathItemObject[]) {
    const { content = {} } = (post?.requestBody ?? {}) as Partial<OpenAPIV3_1.RequestBodyObject>
    for (const { example } of Object.values(content)) withoutClick(example)
  }
  copy.info.description = `${copy.info.description}\n\n${introduction(sandbox)}`
  const schemes = copy.components?.securitySchemes ?? {}
  tell(schemes.apiToken, sandbox.apiToken)
  tell(schemes.operatorToken, sandbox.operatorToken)
  const signature = copy.paths?.[sandbox.webhookPath]?.post?.parameters?.find(parameter => 'name' in parameter && parameter.name === 'stripe-signature')
  if (signature !== undefined && 'name' in signature) {
    signature.required = false
    signature.description += ' This is a sandbox: its page signs what you send, as Stripe does, and nothing needs to be entered.'
  }
  const webhook = copy.paths?.[sandbox.webhookPath]?.post?.requestBody
  if (webhook !== undefined) Object.assign(webhook, { content: { 'application/json': { schema: { type: 'object' }, examples: webhookExamples(now) } } })
  const report = copy.paths?.['/api/stripe-events']?.post?.requestBody
  if (report !== undefined) Object.assign((report as OpenAPIV3_1.RequestBodyObject).content['application/json'] ?? {}, { example: UNNEEDED_EVENT })
  return copy
}

/** Whoever opens the page twice signs up twice, and reports another sale: what the first time has stored does not stand in the way. */
function renew (document: string, now: string): string {
  return document
    .replaceAll(example(Email), `ada-${now}@example.com`)
    .replaceAll(example(CustomerKey), randomUUID())
    .replaceAll(example(SaleReport.properties.transactionId), `order_${now}`)
    .replaceAll(example(RefundReport.properties.refundId), `refund_${now}`)
}

/** The stand-in knows no click that nobody has made, and its lead would wait for one. */
function withoutClick (body: { affitorClickId?: unknown, clickId?: unknown } | undefined): void {
  delete body?.affitorClickId
  delete body?.clickId
}

function example ({ examples }: { examples?: unknown }): string {
  return String((examples as unknown[])[0])
}

function introduction ({ stripeUrl, affitorUrl }: DocsSandbox): string {
  return '**This is a sandbox**: try everything out, from top to bottom. Ids that an answer names are filled in further down. ' +
    'Each box of "Authorize" says what to enter.\n\n' +
    `Pay what you check out, renew and refund it at the [stand-in for Stripe](${stripeUrl}/). ` +
    `For something that waits, needs a person, and can be held, resolved and sent again, let the [stand-in for Affitor](${affitorUrl}/) fail for sales before you report one.`
}

function tell (scheme: { description?: string } | undefined, token: string | undefined): void {
  if (scheme !== undefined && token !== undefined) scheme.description += ` This is a sandbox: enter \`${token}\`.`
}

/** The stand-in for Stripe has no event of this id; it is not asked for one of a type that is not needed. */
const UNNEEDED_EVENT = { object: 'event', id: 'evt_sandbox_example', type: 'payment_method.attached' }

function webhookExamples (now: string): Record<string, { summary: string, value: object }> {
  const created = Math.floor(Date.now() / 1000)
  const session = {
    object: 'checkout.session',
    mode: 'payment',
    payment_status: 'paid',
    amount_total: 4900,
    currency: 'usd',
    created,
    metadata: { affitor_customer_key: example(CustomerKey) }
  }
  const event = (id: string, own: object) => ({
    id: `evt_${id}`,
    object: 'event',
    type: 'checkout.session.completed',
    created,
    livemode: false,
    api_version: '2026-10-28.endive',
    data: { object: { id: `cs_test_${id}`, ...session, ...own } }
  })
  return {
    unpaid: { summary: 'A checkout that is not paid yet', value: event(now, { payment_status: 'unpaid' }) },
    unreadable: { summary: 'An event that cannot be read, and needs a person', value: event(`${now}unreadable`, { created: 'yesterday' }) }
  }
}
