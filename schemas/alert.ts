import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { oneOf, Timestamp } from './common.js'

export const AlertMessage = Type.Object({
  text: Type.String({
    description: 'In words: what Slack and its like show.', examples: ['3 facts need attention: 3 transaction_id_used_up. https://api.example.com/operator']
  }),
  cause: oneOf(['attention', 'delivery_paused', 'delivery_late'], {
    description: '`attention`: something needs a person. `delivery_paused`: Affitor refuses the API key. `delivery_late`: a fact has waited for an hour.',
    examples: ['attention']
  }),
  state: oneOf(['raised', 'over'], { description: 'Whether it is so now, or is over.', examples: ['raised'] }),
  since: Type.String({ ...Timestamp, description: 'Since when the cause lasts, or lasted; ISO 8601 in UTC.' }),
  count: Type.Optional(Type.Integer({ description: 'Of `attention`: how many facts and Stripe events.', examples: [3] })),
  oldestSeconds: Type.Optional(Type.Integer({ description: 'Of `delivery_late`: age of the oldest fact that waits, in seconds.', examples: [3720] })),
  operatorUrl: Type.Optional(Type.String({ description: 'Address of the operator page.', examples: ['https://api.example.com/operator'] }))
}, {
  $id: 'AlertMessage',
  title: 'Alert message',
  description: 'Something that a person should know of, or that it is over. Without personal data.',
  examples: [{
    text: '3 facts need attention: 3 transaction_id_used_up. https://api.example.com/operator',
    cause: 'attention',
    state: 'raised',
    since: '2026-11-01T12:00:00.000Z',
    count: 3,
    operatorUrl: 'https://api.example.com/operator'
  }],
  additionalProperties: false
})
export type AlertMessage = Static<typeof AlertMessage>
