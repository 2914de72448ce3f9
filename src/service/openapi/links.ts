import type { OpenAPIV3_1 } from 'openapi-types'

type Links = Record<string, OpenAPIV3_1.LinkObject>

const checkout: Links = {
  checkout: { operationId: 'createCheckout', description: 'The user buys, with `accessToken` as the bearer token.' }
}

/** What can be asked next with what an operation has answered, by operation: from signup to checkout to the customer's story. */
export const links: Record<string, Links> = {
  createUser: {
    ...checkout,
    ...story('$response.body#/userId'),
    search: { operationId: 'searchCustomers', parameters: { q: '$request.body#/email' }, description: 'Finds the customer by e-mail; for the operator.' }
  },
  logIn: checkout,
  createCheckout: {
    facts: {
      operationId: 'listTrackingEvents',
      parameters: { transactionId: '$response.body#/sessionId' },
      description: 'The sale, once it is paid, and its refunds; for the operator.'
    }
  },
  reportLead: fact('$response.body#/id'),
  reportSale: fact('$response.body#/id'),
  reportRefund: fact('$response.body#/id'),
  receiveStripeEvent: stripeEvent('$request.body#/id'),
  reportStripeEvent: stripeEvent('$request.body#/id'),
  searchCustomers: story('$response.body#/customers/0/customerKey'),
  listTrackingEvents: fact('$response.body#/events/0/id'),
  listStripeEvents: stripeEvent('$response.body#/events/0/id')
}

function story (customerKey: string): Links {
  return { story: { operationId: 'getCustomerStory', parameters: { customerKey }, description: 'Everything that is known of the customer; for the operator.' } }
}

function fact (id: string): Links {
  return { trackingEvent: { operationId: 'getTrackingEvent', parameters: { id }, description: 'How it stands; for the operator.' } }
}

function stripeEvent (id: string): Links {
  return { stripeEvent: { operationId: 'getStripeEvent', parameters: { id }, description: 'What was made of it; for the operator.' } }
}
