import { readFile } from 'node:fs/promises'
import t from 'tap'
import { breakingChanges } from '../../tools/generate/breaking-changes/operations.js'

const text = await readFile('openapi.json', 'utf8')
/** The document as it is now; its parts are changed freely by the rows. */
const read = (): any => JSON.parse(text)

type Change = (now: any, was: any) => void
/** What is done to the document, and what is told of it; nothing where it breaks no client. */
type Row = [what: string, change: Change, ...told: string[]]

const schemas = (document: any) => document.components.schemas
const fields = (document: any, schema: string) => schemas(document)[schema].properties
const post = (document: any, path: string) => document.paths[`/api/${path}`].post
const get = (document: any, path: string) => document.paths[`/api/${path}`].get
const parameter = (document: any, name: string) => get(document, 'tracking/events').parameters.find((one: any) => one.name === name)

const operations: Row[] = [
  ['an operation is removed', d => { delete d.paths['/api/login'] }, 'POST /api/login: it is gone'],
  ['an operation is added', d => { d.paths['/api/profile'] = { post: { responses: {} } } }],
  ['an operation takes another method', d => { d.paths['/api/logout'] = { put: d.paths['/api/logout'].post } }, 'POST /api/logout: it is gone'],
  ['generated clients know it by another name', d => { post(d, 'login').operationId = 'createSession' }, 'POST /api/login: its operationId is createSession now, and was logIn'],
  ['its description is another', d => { post(d, 'login').summary = 'Sign in' }],
  ['a path\'s parameter is renamed', d => {
    const path = '/api/tracking/events/{id}'
    d.paths['/api/tracking/events/{number}'] = d.paths[path]
    d.paths[path].get.parameters[0].name = 'number'
    delete d.paths[path]
  }, 'GET /api/tracking/events/{id}: path parameter id is gone', 'GET /api/tracking/events/{id}: the new path parameter number is required'],
  ['authentication where there was none', d => { d.paths['/health/live'].get.security = [{ operatorToken: [] }] }, 'GET /health/live: it needs authentication now'],
  ['authentication everywhere where nothing else is said', d => { d.security = [{ operatorToken: [] }]; delete d.paths['/health/live'].get.security }, 'GET /health/live: it needs authentication now'],
  ['no authentication where there was some', d => { get(d, 'tracking/checks').security = [] }],
  ['a way to authenticate is gone', d => { post(d, 'checkout').security.pop() }, 'POST /api/checkout: sessionCookie is not accepted any more'],
  ['a way to authenticate is added', d => { post(d, 'leads').security.push({ operatorToken: [] }) }],
  ['two tokens at once', d => { post(d, 'leads').security[0].operatorToken = [] }, 'POST /api/leads: apiToken is not accepted any more'],
  ['a token of a wider scope', d => { post(d, 'leads').security[0].apiToken = ['write'] }, 'POST /api/leads: apiToken is not accepted any more'],
  ['a cookie of another name', d => { d.components.securitySchemes.sessionCookie.name = 'sid' }, 'POST /api/checkout: sessionCookie is sent otherwise now']
]

const requests: Row[] = [
  ['a parameter is removed', d => { get(d, 'tracking/search').parameters.pop() }, 'GET /api/tracking/search: query parameter q is gone'],
  ['a parameter is renamed', d => { parameter(d, 'until').name = 'before' }, 'GET /api/tracking/events: query parameter until is gone'],
  ['a parameter is sent as a header', d => { parameter(d, 'cursor').in = 'header' }, 'GET /api/tracking/events: query parameter cursor is gone'],
  ['a parameter becomes required', d => { parameter(d, 'kind').required = true }, 'GET /api/tracking/events: query parameter kind is required now'],
  ['a parameter need not be sent any more', d => { get(d, 'tracking/search').parameters[0].required = false }],
  ['a new parameter', d => { get(d, 'tracking/summary').parameters = [{ in: 'query', name: 'day', schema: {} }] }],
  ['a new required parameter', d => { get(d, 'tracking/summary').parameters = [{ in: 'query', name: 'day', required: true, schema: {} }] },
    'GET /api/tracking/summary: the new query parameter day is required'],
  ['a new required parameter of a whole path', d => { d.paths['/api/tracking/summary'].parameters = [{ in: 'header', name: 'tenant', required: true, schema: {} }] },
    'GET /api/tracking/summary: the new header parameter tenant is required'],
  ['a header in other letters', d => { post(d, 'checkout').parameters[0].name = 'Idempotency-Key' }],
  ['a required header', d => { post(d, 'checkout').parameters[0].required = true }, 'POST /api/checkout: header parameter idempotency-key is required now'],
  ['a parameter is kept as a component', d => { d.components.parameters = { Kind: parameter(d, 'kind') }; get(d, 'tracking/events').parameters[0] = { $ref: '#/components/parameters/Kind' } }],
  ['a parameter is written as it is by default', d => { Object.assign(parameter(d, 'kind'), { style: 'form', explode: true }) }],
  ['a parameter is written otherwise', d => { parameter(d, 'kind').style = 'spaceDelimited' }, 'GET /api/tracking/events: query parameter kind is spelled spaceDelimited now, and was form, exploded'],
  ['a parameter of another type', d => { parameter(d, 'cursor').schema = { type: 'integer' } }, 'GET /api/tracking/events: query parameter cursor may not be string any more'],
  ['a parameter takes less', d => { parameter(d, 'limit').schema.maximum = 100 }, 'GET /api/tracking/events: query parameter limit: maximum is 100 now, and was 200'],
  ['a parameter takes more', d => { parameter(d, 'limit').schema.maximum = 500 }],
  ['a parameter that is left out means another', d => { parameter(d, 'limit').schema.default = 20 }, 'GET /api/tracking/events: query parameter limit: default is 20 now, and was 50'],
  ['a value is not taken any more', d => { schemas(d).CheckoutRequest.properties.mode.enum.pop() }, 'POST /api/checkout: CheckoutRequest.mode may not be subscription any more'],
  ['a value more is taken', d => { schemas(d).CheckoutRequest.properties.mode.enum.push('setup') }],
  ['any value is taken', d => { delete schemas(d).CheckoutRequest.properties.mode.enum }],
  ['only some values are taken', d => { fields(d, 'SaleReport').currency.enum = ['EUR', 'USD'] }, 'POST /api/sales: SaleReport.currency is limited now to EUR, USD'],
  ['a body is required', d => { d.paths['/api/tracking/events/{id}/hold'].post.requestBody.required = true }, 'POST /api/tracking/events/{id}/hold: a body is required now'],
  ['a body where there was none', d => { post(d, 'logout').requestBody = { content: { 'application/json': { schema: {} } } } }],
  ['a body is not taken any more', d => { delete d.paths['/api/tracking/events/{id}/hold'].post.requestBody }, 'POST /api/tracking/events/{id}/hold: it does not take application/json any more'],
  ['a body of another content type', d => { post(d, 'login').requestBody.content = { 'text/plain': {} } }, 'POST /api/login: it does not take application/json any more'],
  ['a body of a content type more', d => { post(d, 'login').requestBody.content['text/plain'] = {} }],
  ['a field becomes required', d => { schemas(d).SignupRequest.required.push('affitorClickId') }, 'POST /api/signup: SignupRequest.affitorClickId is required now'],
  ['a field is removed', d => { delete fields(d, 'LeadReport').clickId }, 'POST /api/leads: LeadReport.clickId is gone'],
  ['a field is renamed', d => {
    const { amountCents, ...others } = fields(d, 'SaleReport')
    schemas(d).SaleReport.properties = { ...others, amount: amountCents }
    schemas(d).SaleReport.required[2] = 'amount'
  }, 'POST /api/sales: SaleReport.amountCents is gone', 'POST /api/sales: SaleReport.amount is required now'],
  ['a field more', d => { fields(d, 'SignupRequest').nickname = { type: 'string' } }],
  ['a new required field', d => { fields(d, 'SignupRequest').nickname = { type: 'string' }; schemas(d).SignupRequest.required.push('nickname') }, 'POST /api/signup: SignupRequest.nickname is required now'],
  ['a field need not be sent any more', d => { schemas(d).SaleReport.required.pop() }],
  ['a longer minimum', d => { fields(d, 'SignupRequest').password.minLength = 12 }, 'POST /api/signup: SignupRequest.password: minLength is 12 now, and was 8'],
  ['a shorter minimum', d => { fields(d, 'SignupRequest').password.minLength = 6 }],
  ['a minimum that says nothing', d => { fields(d, 'LeadReport').email.minLength = 0 }],
  ['an upper bound where there was none', d => { fields(d, 'SaleReport').occurredAt.maxLength = 30 }, 'POST /api/sales: SaleReport.occurredAt: maxLength is 30 now, and was not set'],
  ['another pattern', d => { fields(d, 'SaleReport').currency.pattern = '^[A-Z]{3}$' }, 'POST /api/sales: SaleReport.currency: pattern is ^[A-Z]{3}$ now, and was ^[A-Za-z]{3,3}$'],
  ['a pattern less', d => { delete fields(d, 'SaleReport').currency.pattern }],
  ['a format where there was none', d => { fields(d, 'SaleReport').productId.format = 'uuid' }, 'POST /api/sales: SaleReport.productId: format is uuid now, and was not set'],
  ['only multiples', d => { fields(d, 'SaleReport').amountCents.multipleOf = 100 }, 'POST /api/sales: SaleReport.amountCents: multipleOf is 100 now, and was not set'],
  ['null is not taken any more', d => { fields(d, 'LeadReport').clickId.type = 'string' }, 'POST /api/leads: LeadReport.clickId may not be null any more'],
  ['null is taken', d => { fields(d, 'LeadReport').email.type = ['string', 'null'] }],
  ['null is taken, in the words of 3.0', d => { fields(d, 'LeadReport').email.nullable = true }],
  ['any number where it was an integer', d => { fields(d, 'RefundReport').amountCents.type = 'number' }],
  ['unknown fields are not taken any more', d => { schemas(d).StripeEventReport.additionalProperties = false }, 'POST /api/stripe-events: StripeEventReport may not have other fields any more'],
  ['unknown fields must be strings', d => { schemas(d).StripeEventReport.additionalProperties = { type: 'string' } }, 'POST /api/stripe-events: StripeEventReport.* may not be of any type any more'],
  ['unknown fields are taken', d => { schemas(d).LeadReport.additionalProperties = true }],
  ['one type of several', d => { fields(d, 'LeadReport').clickId = { anyOf: [{ type: 'integer' }, { type: 'null' }] } }, 'POST /api/leads: LeadReport.clickId may not be string any more'],
  ['the same as a union', d => { const { clickId } = fields(d, 'LeadReport'); fields(d, 'LeadReport').clickId = { oneOf: [{ ...clickId, type: 'string' }, { type: 'null' }] } }],
  ['a request is put together of parts', d => {
    const { required, ...rest } = schemas(d).LeadReport
    Object.assign(schemas(d), { Base: rest, LeadReport: { allOf: [{ $ref: '#/components/schemas/Base' }, { required: [...required, 'email'] }] } })
  }, 'POST /api/leads: LeadReport.email is required now']
]

/** Of an error's body: every answer that is one tells of a change. */
const ofEveryError = (change: string) => [400, 401, 403, 404, 409, 413, 415, 429, 500, 502, 503].map(status => `${status} body.${change}`)

const answers: Row[] = [
  ['an error is not answered any more', d => { delete post(d, 'login').responses[429] }, 'POST /api/login: it does not answer 429 any more'],
  ['an error more', d => { post(d, 'logout').responses[429] = { $ref: '#/components/responses/RateLimited' } }],
  ['an error among all of its class', d => { const { responses } = post(d, 'login'); responses['4XX'] = responses[429]; delete responses[429] }],
  ['another success status', d => { const { responses } = post(d, 'signup'); responses[200] = responses[201]; delete responses[201] }, 'POST /api/signup: it does not answer 201 any more'],
  ['an error\'s field of another type', d => { fields(d, 'ErrorResponse').code.type = 'integer' }, ...ofEveryError('code may now be integer')],
  ['an error without its field', d => { delete fields(d, 'ErrorResponse').message }, ...ofEveryError('message is gone')],
  ['a field more in an error', d => { fields(d, 'ErrorResponse').requestId = { type: 'string' } }],
  ['another body of an error', d => { d.components.responses.NotFoundSale.content['application/json'].schema = { type: 'string' } }, 'POST /api/refunds: 404 body may now be string'],
  ['an answer of another content type', d => { get(d, 'tracking/events.csv').responses[200].content = { 'text/plain': {} } }, 'GET /api/tracking/events.csv: answer 200 is not text/csv any more'],
  ['an answer of a content type more', d => { get(d, 'tracking/events.csv').responses[200].content['application/json'] = {} }],
  ['an answer without its body', d => { delete get(d, 'tracking/checks').responses[200].content }, 'GET /api/tracking/checks: answer 200 is not application/json any more'],
  ['an answer of any form', d => { delete get(d, 'tracking/checks').responses[200].content['application/json'].schema }, 'GET /api/tracking/checks: 200 body may now be of any type'],
  ['an answer without its header', d => { delete d.components.responses.RateLimited.headers['Retry-After'] }, '429 header Retry-After is gone'],
  ['an answer\'s header in other letters', d => { const { headers } = d.components.responses.RateLimited; headers['retry-after'] = headers['Retry-After']; delete headers['Retry-After'] }],
  ['an answer\'s header of another type', d => { d.components.headers['WWW-Authenticate'].schema.type = 'integer' }, '401 header WWW-Authenticate may now be integer'],
  ['an answer\'s header that may be absent', (_, was) => { was.components.headers['WWW-Authenticate'].required = true }, '401 header WWW-Authenticate may be absent now'],
  ['a field is gone', d => { delete fields(d, 'CheckoutSession').url }, 'POST /api/checkout: CheckoutSession.url is gone'],
  ['a field more', d => { fields(d, 'CheckoutSession').expiresAt = { type: 'string' } }],
  ['a field may be absent', d => { schemas(d).Authentication.required.pop() }, 'Authentication.accessToken may be absent now'],
  ['a field is always there', d => { schemas(d).LeadPayload.required.push('email') }],
  ['a field may be null', d => { fields(d, 'ProgramStatus').state.type = ['string', 'null'] }, 'GET /api/tracking/program: ProgramStatus.state may now be null'],
  ['a field is never null', d => { fields(d, 'SaleEvent').reason.type = 'string' }],
  ['an integer may be any number', d => { fields(d, 'ChangedByReason').changed.type = 'number' }, 'POST /api/tracking/attention/retry and 1 more: ChangedByReason.changed may now be number'],
  ['a value that could not be', d => { schemas(d).TrackingState.enum.push('lost') }, 'TrackingState may now be lost'],
  ['a value that could not be, which was announced', (d, was) => { schemas(was).TrackingState['x-extensible-enum'] = true; schemas(d).TrackingState.enum.push('lost') }],
  ['a value that is announced too late', d => { schemas(d).TrackingState['x-extensible-enum'] = true; schemas(d).TrackingState.enum.push('lost') }, 'TrackingState may now be lost'],
  ['a value less', d => { fields(d, 'FoundCustomer').matched.enum.pop() }],
  ['any value', d => { delete fields(d, 'DeliveryStatus').state.enum }, 'DeliveryStatus.state is not limited any more to running, paused'],
  ['no value but one, otherwise written', d => { fields(d, 'Liveness').status = { const: 'ok' } }],
  ['no format', d => { delete fields(d, 'StoryFact').at.format }, 'GET /api/tracking/customers/{customerKey}: StoryFact.at: format is not set now, and was date-time'],
  ['a lower bound', d => { fields(d, 'SalePayload').amountCents.minimum = 0 }, 'SalePayload.amountCents: minimum is 0 now, and was 1'],
  ['a higher bound', d => { fields(d, 'SalePayload').amountCents.minimum = 50 }],
  ['a list of others', d => { fields(d, 'CustomerStory').stripeReferences.items = { $ref: '#/components/schemas/StripeReference' } },
    'GET /api/tracking/customers/{customerKey}: CustomerStory.stripeReferences[] may now be StripeReference'],
  ['a list that says nothing of what it holds', d => { delete fields(d, 'TrackingEventPage').events.items }, 'GET /api/tracking/events: TrackingEventPage.events[] may now be of any type'],
  ['a component\'s other name', d => {
    schemas(d).Session = schemas(d).CheckoutSession
    post(d, 'checkout').responses[201].content['application/json'].schema.$ref = '#/components/schemas/Session'
    delete schemas(d).CheckoutSession
  }],
  ['a component that leads nowhere', d => { delete schemas(d).CheckoutSession }, 'POST /api/checkout: CheckoutSession may now be of any type']
]

const unions: Row[] = [
  ['one of several bodies loses a field', d => { delete fields(d, 'SalePayload').amountCents }, 'SalePayload.amountCents is gone'],
  ['one of several bodies has a field of another type', d => { fields(d, 'RefundPayload').full.type = 'string' }, 'RefundPayload.full may now be string'],
  ['one of several bodies may lack a field', d => { schemas(d).SalePayload.required.pop() }, 'SalePayload.isRecurring may be absent now'],
  ['an entry is told apart by another value', d => { fields(d, 'StoryFact').kind.enum = ['thing'] }, 'GET /api/tracking/customers/{customerKey}: StoryFact.kind may now be thing'],
  ['entries are in another order', d => { schemas(d).StoryEntry.oneOf.reverse() }],
  ['an entry is kept under another name', d => { schemas(d).StoryThing = schemas(d).StoryFact; schemas(d).StoryEntry.oneOf[2].$ref = '#/components/schemas/StoryThing' }],
  ['an entry under another name loses a field', d => {
    const { at, ...others } = fields(d, 'StoryFact')
    schemas(d).StoryThing = { ...schemas(d).StoryFact, properties: others }
    schemas(d).StoryEntry.oneOf[2].$ref = '#/components/schemas/StoryThing'
  }, 'GET /api/tracking/customers/{customerKey}: StoryEntry.at is gone'],
  ['an entry is written in place and loses a field', d => {
    const { at, ...others } = fields(d, 'StoryFact')
    schemas(d).StoryEntry.oneOf[2] = { type: 'object', required: ['kind', 'trackingEvent'], properties: others }
  }, 'GET /api/tracking/customers/{customerKey}: StoryEntry.at is gone'],
  ['entries of a new kind', d => { schemas(d).StoryEntry.oneOf.push({ $ref: '#/components/schemas/FoundSales' }) },
    'GET /api/tracking/customers/{customerKey}: StoryEntry may now be FoundSales'],
  ['entries of a kind less', d => { schemas(d).StoryEntry.oneOf.pop() }],
  ['a request of one kind less', (d, was) => {
    fields(was, 'LeadReport').origin = { oneOf: [{ $ref: '#/components/schemas/StoryAction' }, { $ref: '#/components/schemas/StoryFact' }] }
    fields(d, 'LeadReport').origin = { oneOf: [{ $ref: '#/components/schemas/StoryAction' }] }
  }, 'POST /api/leads: LeadReport.origin may not be StoryFact any more'],
  ['bodies without a name, told apart by their title', (d, was) => {
    const body = (title: string, field: string) => ({ title, type: 'object', required: [field], properties: { [field]: {} } })
    fields(was, 'Liveness').detail = { anyOf: [body('Up', 'since'), body('Down', 'error')] }
    fields(d, 'Liveness').detail = { anyOf: [body('Down', 'reason'), body('Up', 'since')] }
  }, 'GET /health/live: Liveness.detail.error is gone'],
  ['bodies without name and title: the closest', (d, was) => {
    const body = (...names: string[]) => ({ type: 'object', properties: Object.fromEntries(names.map(name => [name, {}])) })
    fields(was, 'Liveness').detail = { anyOf: [body('a', 'b'), body('c', 'd')] }
    fields(d, 'Liveness').detail = { anyOf: [body('c'), body('a', 'b')] }
  }, 'GET /health/live: Liveness.detail.d is gone'],
  ['a schema that holds itself', (d, was) => {
    for (const document of [d, was]) fields(document, 'LeadPayload').parent = { anyOf: [{ $ref: '#/components/schemas/LeadPayload' }, { type: 'null' }] }
    fields(d, 'LeadPayload').email.type = 'integer'
  }, 'LeadPayload.email may now be integer'],
  ['a union that holds itself', (d, was) => {
    for (const document of [d, was]) schemas(document).TrackingKind = { anyOf: [{ type: 'string' }, { $ref: '#/components/schemas/TrackingKind' }] }
    schemas(d).TrackingKind.anyOf[0].type = 'integer'
  }, 'TrackingKind may not be string any more', 'GET /api/tracking/summary: TrackingKind may now be integer'],
  ['a reference that leads to itself', (d, was) => { for (const document of [d, was]) document.components.responses.NotFoundSale = { $ref: '#/components/responses/NotFoundSale' } }]
]

const webhooks: Row[] = [
  ['a message is not sent any more', d => { delete d.webhooks.alert }, 'webhook alert: it is gone'],
  ['a message more', d => { d.webhooks.payout = d.webhooks.alert }],
  ['a message without its field', d => { delete fields(d, 'AlertMessage').text }, 'webhook alert: AlertMessage.text is gone'],
  ['a message with a field more', d => { fields(d, 'AlertMessage').program = { type: 'string' } }],
  ['a message whose field may be absent', d => { schemas(d).AlertMessage.required.shift() }, 'webhook alert: AlertMessage.text may be absent now'],
  ['a message of a new cause', d => { fields(d, 'AlertMessage').cause.enum.push('payout_due') }, 'webhook alert: AlertMessage.cause may now be payout_due'],
  ['a message of a cause less', d => { fields(d, 'AlertMessage').cause.enum.pop() }],
  ['a message of another content type', d => { const { content } = d.webhooks.alert.post.requestBody; content['text/plain'] = {}; delete content['application/json'] },
    'webhook alert: it is not sent as application/json any more'],
  ['only one answer is taken', d => { d.webhooks.alert.post.responses = { 204: { description: '' } } }, 'webhook alert: an answer 2XX is not taken any more'],
  ['any answer is taken', d => { d.webhooks.alert.post.responses = { default: { description: '' } } }]
]

for (const [title, rows] of Object.entries({ operations, requests, answers, unions, webhooks })) {
  t.test(title, async t => {
    for (const [what, change, ...told] of rows) {
      const [now, was] = [read(), read()]
      change(now, was)
      // How many operations use a component is no matter of the row.
      const changes = breakingChanges(was, now).map(sentence => told.includes(sentence) ? sentence : sentence.replace(/^.* and \d+ more: /, ''))
      t.same(changes.sort(), told.sort(), what)
    }
  })
}

t.test('a document breaks no client of itself', async t => {
  t.same(breakingChanges(read(), read()), [])
})

t.test('a change of many operations is told once, with the first of them', async t => {
  const now = read()
  now.components.responses.InternalError.content['application/json'].schema = { type: 'string' }
  const [first, ...others] = Object.values(now.paths).flatMap((item: any) => Object.keys(item))
  t.same(breakingChanges(read(), now), [`${String(first).toUpperCase()} ${Object.keys(now.paths)[0]} and ${others.length} more: 500 body may now be string`])
})

/** Of the alert, which is sent and not answered; and of errors, whose fields are told by status. */
const ELSEWHERE = ['AlertMessage', 'ErrorResponse']

t.test('a field of another type is told wherever it is', async t => {
  const now = read()
  const changed = Object.entries<any>(schemas(now)).filter(([name]) => !ELSEWHERE.includes(name)).flatMap(([name, schema]) => Object.entries<any>(schema.properties ?? {}).flatMap(([field, value]) => {
    const types = [value.type ?? []].flat()
    // What else holds others is on the way to them.
    if (types.length === 0 || types.includes('array') || types.includes('object')) return []
    value.type = types.includes('boolean') ? 'string' : 'boolean'
    return [`${name}.${field}`]
  }))
  const told = breakingChanges(read(), now)
  t.ok(changed.length > 150, `${changed.length} fields`)
  t.same(changed.filter(field => !told.some(sentence => sentence.includes(`: ${field} may `))), [])
})
