import { listen, receiveWebhooks, server } from './receiver.js'

/** The limit of accepting webhooks: Fastify and the signature's check, and nothing is kept. */
const app = server()
await receiveWebhooks(app, async () => {})
await listen(app)
