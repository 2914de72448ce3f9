import type { OpenAPIV3_1 } from 'openapi-types'
import { AlertMessage } from '../../../schemas/alert.js'

/** What the service sends by itself. */
export const webhooks: Record<string, OpenAPIV3_1.PathItemObject> = {
  alert: {
    post: {
      operationId: 'receiveAlert',
      tags: ['alerts'],
      summary: 'Receive an alert',
      description: 'Posted to `ALERT_WEBHOOK_URL`: at most once an hour for each cause while it lasts, and once when it is over. Slack\'s incoming ' +
        'webhooks take it as it is. What is not answered 2xx is sent again.',
      security: [],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/AlertMessage' }, example: AlertMessage.examples[0] as unknown } }
      },
      responses: { '2XX': { description: 'The message has arrived.' } }
    }
  }
}
