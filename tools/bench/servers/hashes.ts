import { hashPassword } from '../../../src/service/users/passwords.js'
import { listen, server } from './receiver.js'

/** The limit of signup: the same hashes, by the same code and so many at once, and nothing else. */
const app = server()
app.get<{ Querystring: { count: string, atOnce: string } }>('/hashes', async ({ query }) => {
  let left = Number(query.count)
  const begin = performance.now()
  await Promise.all(Array.from({ length: Number(query.atOnce) }, async () => {
    while (left-- > 0) await hashPassword('correct horse battery staple')
  }))
  return { perSecond: Number(query.count) / (performance.now() - begin) * 1_000 }
})
await listen(app)
