import t from 'tap'
import { startService } from '../helpers/service.js'
const service = await startService(t)
t.test('x', async t => {
  const { path = '' } = { path: process.env.BADPATH }
  console.error((await service.request('GET', path)).status)
  if (process.env.AGAIN) console.error((await service.request('GET', '/health/ready')).status)
})
t.teardown(() => { setInterval(() => console.error('waiting'), 3000).unref() })
