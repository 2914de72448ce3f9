import type { FastifyInstance } from 'fastify'
import { timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { invalidRequest, resourceMissing } from '../errors.js'
import { createdFilter, listPage } from '../list.js'
import { readBoolean, readList, readString } from '../params.js'
import type { Form } from '../params.js'
import { get } from './api.js'

// docs.stripe.com/api/events: "You can list and retrieve events for the last 30 days."
const KEPT_SECONDS = 30 * 86_400
const MAX_TYPES = 20

/** `/v1/events` */
export function eventRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context
  const recent = (created: number): boolean => created >= timestamp(context) - KEPT_SECONDS

  get(app, '/events', context, ({ form }) => {
    const ofType = typeFilter(form)
    const delivered = readBoolean(form, 'delivery_success')
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/events',
      query: form,
      items: [...state.events.values()].map(({ event }) => event),
      resource: 'event',
      filters: ['created', 'delivery_success', 'type', 'types'],
      matches: (event) => recent(event.created) && created(event) && ofType(event.type) &&
        (delivered === undefined || (event.pending_webhooks === 0) === delivered)
    })
  })

  get(app, '/events/:id', context, ({ params }) => {
    const found = state.events.get(params.id)
    if (found === undefined || !recent(found.event.created)) throw resourceMissing('event', params.id, 'id', 404)
    return found.event
  })
}

function typeFilter (form: Form): (type: string) => boolean {
  const type = readString(form, 'type')
  const types = readList(form, 'types')
  if (type !== undefined && types !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: type, types.', 'type')
  }
  if (types !== undefined && types.length > MAX_TYPES) {
    throw invalidRequest(`types can have at most ${MAX_TYPES} entries.`, 'types')
  }
  if (types !== undefined) return (candidate) => types.includes(candidate)
  if (type === undefined) return () => true
  // `invoice.*` names a whole family (docs.stripe.com/api/events/list).
  const [prefix = '', suffix] = type.split('*')
  if (suffix === undefined) return (candidate) => candidate === type
  return (candidate) => candidate.startsWith(prefix) && candidate.endsWith(suffix)
}
