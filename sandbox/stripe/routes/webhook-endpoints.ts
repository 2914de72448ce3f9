import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import { timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { invalidRequest, notInSandbox, parameterMissing, resourceMissing } from '../errors.js'
import { EVENT_TYPES } from '../event-types.js'
import { randomText } from '../ids.js'
import { listPage } from '../list.js'
import { mergeMetadata, readMetadata } from '../metadata.js'
import { webhookEndpoint } from '../objects/index.js'
import { readBoolean, readList, readString, readUrl, refuseUnknown } from '../params.js'
import type { Form } from '../params.js'
import { get, post, remove } from './api.js'

// docs.stripe.com/webhooks: "You can register up to 16 webhook endpoints".
const MAX_ENDPOINTS = 16

/** `/v1/webhook_endpoints`. They are kept and checked; where events go is an option of the stand-in. */
export function webhookEndpointRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context
  const find = (id: string): Stripe.WebhookEndpoint => {
    const found = state.webhookEndpoints.get(id)
    if (found === undefined) throw resourceMissing('webhook endpoint', id, 'webhook_endpoint', 404)
    return found
  }

  post(app, '/webhook_endpoints', context, ({ form }) => {
    refuseUnknown(form, ['api_version', 'connect', 'description', 'enabled_events', 'expand', 'metadata', 'url'])
    if (readBoolean(form, 'connect') === true) throw notInSandbox('connect')
    const url = readEndpointUrl(form)
    if (url === undefined) throw parameterMissing('url')
    const events = readEvents(form)
    if (events === undefined) throw parameterMissing('enabled_events')
    if (state.webhookEndpoints.size >= MAX_ENDPOINTS) {
      throw invalidRequest(`You have reached the maximum of ${MAX_ENDPOINTS} test webhook endpoints.`)
    }
    const made = webhookEndpoint({
      api_version: readVersion(form) ?? null,
      created: timestamp(context),
      description: readString(form, 'description') ?? null,
      enabled_events: events,
      metadata: readMetadata(form),
      url
    })
    state.webhookEndpoints.set(made.id, made)
    return { ...made, secret: `whsec_${randomText(32)}` }
  })

  get(app, '/webhook_endpoints', context, ({ form }) => listPage({
    context,
    url: '/v1/webhook_endpoints',
    query: form,
    items: state.webhookEndpoints.values(),
    resource: 'webhook endpoint',
    filters: [],
    matches: () => true
  }))

  get(app, '/webhook_endpoints/:id', context, ({ params }) => find(params.id))

  post(app, '/webhook_endpoints/:id', context, ({ params, form }) => {
    const found = find(params.id)
    refuseUnknown(form, ['description', 'disabled', 'enabled_events', 'expand', 'metadata', 'url'])
    const disabled = readBoolean(form, 'disabled')
    const changed: Stripe.WebhookEndpoint = {
      ...found,
      description: form.description === '' ? null : readString(form, 'description') ?? found.description,
      enabled_events: readEvents(form) ?? found.enabled_events,
      metadata: mergeMetadata(found.metadata, form),
      status: disabled === undefined ? found.status : disabled ? 'disabled' : 'enabled',
      url: readEndpointUrl(form) ?? found.url
    }
    state.webhookEndpoints.set(changed.id, changed)
    return changed
  })

  remove(app, '/webhook_endpoints/:id', context, ({ params }) => {
    const { id, object } = find(params.id)
    state.webhookEndpoints.delete(id)
    return { id, object, deleted: true }
  })
}

const KNOWN = ['*', ...EVENT_TYPES]

function readEvents (form: Form): string[] | undefined {
  const events = readList(form, 'enabled_events')
  if (events?.length === 0) throw parameterMissing('enabled_events')
  return events?.map((event, index) => {
    if (typeof event === 'string' && KNOWN.includes(event)) return event
    const param = `enabled_events[${index}]`
    throw invalidRequest(`Invalid ${param}: must be one of ${KNOWN.slice(0, -1).join(', ')}, or ${KNOWN.at(-1)}`, param)
  })
}

/** Also with a test key Stripe refuses what nobody reaches from outside. */
function readEndpointUrl (form: Form): string | undefined {
  const url = readUrl(form, 'url')
  if (url !== undefined && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)) {
    throw invalidRequest('Invalid URL: URL must be publicly accessible.', 'url', 'url_invalid')
  }
  return url
}

function readVersion (form: Form): string | undefined {
  const version = readString(form, 'api_version')
  if (version !== undefined && !/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(version)) throw invalidRequest(`Invalid Stripe API version: ${version}`, 'api_version')
  return version
}
