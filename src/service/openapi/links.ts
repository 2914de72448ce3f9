import type { OpenAPIV3_1 } from 'openapi-types'

type Links = Record<string, OpenAPIV3_1.LinkObject>

const story = (customerKey: string): Links => ({
  story: { operationId: 'getCustomerStory', parameters: { customerKey }, description: 'Everything that is known of the customer; for the operator.' }
})

/** What can be asked next with what an operation has answered, by operation: from signup to checkout to the customer's story. */
export const links: Record<string, Links> = {
  createUser: {
    checkout: { operationId: 'createCheckout', description: 'The user buys, with `accessToken` as the bearer token.' },
    ...story('$response.body#/userId')
  },
  logIn: {
    checkout: { operationId: 'createCheckout', description: 'The user buys, with `accessToken` as the bearer token.' }
  },
  createCheckout: {
    facts: {
      operationId: 'listTrackingEvents',
      parameters: { transactionId: '$response.body#/sessionId' },
      description: 'The sale, once it is paid, and its refunds; for the operator.'
    }
  },
  reportLead: story('$response.body#/customerKey'),
  reportSale: story('$response.body#/customerKey'),
  reportRefund: story('$response.body#/customerKey')
}
