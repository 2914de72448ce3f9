import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { nullable, oneOf, ref, Timestamp } from './common.js'

export const Liveness = Type.Object({
  status: Type.Literal('ok', { description: 'The process answers.' })
}, {
  $id: 'Liveness',
  title: 'Liveness',
  description: 'The process is alive.',
  additionalProperties: false
})
export type Liveness = Static<typeof Liveness>

export const DeliveryStatus = Type.Object({
  state: oneOf(['running', 'paused'], {
    description: '`paused`: Affitor refuses the API key, so nothing is sent until it takes it again. Nothing is lost meanwhile.',
    examples: ['running']
  }),
  reason: nullable(Type.String({
    description: 'Why delivery is paused, in words: Affitor\'s own for the operator, and one fixed sentence for anybody else.',
    examples: [null, 'Affitor answered 401: Invalid API key']
  })),
  pausedUntil: nullable({ ...Timestamp, examples: [null] })
}, {
  $id: 'DeliveryStatus',
  title: 'Delivery status',
  description: 'Whether tracking events are being sent to Affitor.',
  additionalProperties: false
})
export type DeliveryStatus = Static<typeof DeliveryStatus>

export const Readiness = Type.Object({
  status: Type.Literal('ok', { description: 'The database answers, so requests can be served.' }),
  delivery: ref(DeliveryStatus)
}, {
  $id: 'Readiness',
  title: 'Readiness',
  description: 'The service can take requests. Paused delivery does not make it unready: facts are kept until it goes on.',
  additionalProperties: false
})
export type Readiness = Static<typeof Readiness>
