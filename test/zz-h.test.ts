import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { startService } from '/work/main/test/helpers/service.js'
const service = await startService(t)
const { host, hostname, port } = new URL(service.url)
t.test('x', async t => {
  const which = process.env.CASE
  if (which !== 'none') {
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on('data', d => console.error(String(d).slice(0, 30)))
  const H = `Host: ${host}\r\nConnection: close\r\n`
  const bytes = which === 'bad' ? 'hello\r\n\r\n' : which === '413' ? `POST /api/signup HTTP/1.1\r\n${H}Content-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n` : which === 'chunk' ? `POST /api/signup HTTP/1.1\r\n${H}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n` : which === 'chunk413' ? `POST /api/signup HTTP/1.1\r\n${H}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n${'x'.repeat(0x5000)}\r\n0\r\n\r\n` : which === '401' ? `POST /api/checkout HTTP/1.1\r\n${H}Content-Type: application/json\r\nContent-Length: 5\r\n\r\n{"a":` : which==='get' ? `GET /health/live HTTP/1.1\r\n${H}\r\n` : which==='big' ? `GET /health/live HTTP/1.1\r\n${H}x: ${'a'.repeat(20000)}\r\n\r\n` : `TRACE /x HTTP/1.1\r\n${H}\r\n`
  socket.write(bytes)
  await once(socket, 'close')
  }
})
t.teardown(() => { const s = Date.now(); setInterval(() => console.error(which(), Date.now() - s, process.getActiveResourcesInfo().filter(x => x !== 'Timeout').join()), 2000).unref(); function which () { return process.env.CASE } })
