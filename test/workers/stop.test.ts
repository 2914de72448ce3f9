import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import t from 'tap'
import { listen } from '../../src/db/notifications.js'
import { eventually } from '../helpers/eventually.js'
import { startAffitor } from '../helpers/affitor.js'
import { openLedger } from '../helpers/ledger.js'
import { makeWorkers, NEVER_MS } from '../helpers/workers.js'

t.test('a stop takes nothing new, lets running calls finish, and leaves no lease', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  await ledger.add(...Array.from({ length: 40 }, () => ({ kind: 'lead' as const })))
  affitor.behave({ latencyMs: 250 })
  const workers = makeWorkers(t, ledger, { affitor, delivery: { concurrency: 2 } })
  workers.start()
  await eventually('calls run', () => affitor.calls().length >= 2)
  await workers.stop()

  const rows = await ledger.rows()
  const settled = rows.filter(row => row.state === 'unattributed')
  t.equal(settled.length, affitor.calls().length, 'each call that was made was stored')
  t.ok(settled.length < 40)
  t.match(rows.filter(row => row.state === 'pending'), Array.from({ length: 40 - settled.length }, () => ({ attempts: 0, leased_by: null, leased_until: null })))
})

t.test('a stop does not wait for an Affitor that hangs; the next worker goes on at once', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  await ledger.add({ kind: 'lead' }, { kind: 'lead' })
  affitor.behave({ latencyMs: 600_000 })
  const workers = makeWorkers(t, ledger, { affitor, stopGraceMs: 50, delivery: { timeoutMs: 120_000, retryBaseMs: 1, retryCapMs: 1 } })
  workers.start()
  await eventually('the calls hang', () => affitor.calls().length === 2)
  await Promise.all([workers.stop(), workers.stop()])
  t.match(await ledger.rows(), Array.from({ length: 2 }, () => ({
    state: 'pending', attempts: 1, leased_by: null, last_status: 0, last_error: /The service is stopping/
  })))
  affitor.behave({})
  const next = makeWorkers(t, ledger, { affitor, pollMs: 20 })
  next.start()
  await eventually('they are settled', async () => (await ledger.rows()).every(row => row.state === 'unattributed'))
})

t.test('workers that were never started, or are stopped, do not start', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  const workers = makeWorkers(t, ledger, { affitor, pollMs: 10 })
  await workers.stop()
  await ledger.add({ kind: 'lead' })
  workers.start()
  await workers.stop()
  t.match(await ledger.rows(), [{ state: 'pending', attempts: 0 }])
})

t.test('a listener closes although the network to the server has gone silent', async t => {
  const ledger = await openLedger(t)
  const { hostname, port } = new URL(ledger.connectionString)
  const sockets: Socket[] = []
  const proxy = createServer({ allowHalfOpen: true }, near => {
    const far = connect(Number(port), hostname)
    near.on('data', data => far.write(data))
    far.on('data', data => near.write(data))
    for (const socket of [near, far]) sockets.push(socket.on('error', () => {}))
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  const url = new URL(ledger.connectionString)
  url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const heard: string[] = []
  const listener = listen({ connectionString: url.href }, { onTopic: topic => heard.push(topic), onPooled () {} })
  await eventually('it listens', () => heard.length === 2)
  for (const socket of sockets) socket.removeAllListeners('data').pause()
  await listener.close()
  t.pass('closed')
})

t.test('a lease outlasts the longest call', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  await ledger.add({ kind: 'lead' })
  affitor.behave({ latencyMs: 600_000 })
  const workers = makeWorkers(t, ledger, { affitor, pollMs: NEVER_MS, stopGraceMs: 0, delivery: { timeoutMs: 40_000 } })
  workers.start()
  await eventually('the call runs', () => affitor.calls().length === 1)
  const [{ left } = {}] = await ledger.query('select extract(epoch from leased_until - now())::float8 as left from tracking_events')
  t.ok(Number(left) > 45, `${left} seconds left`)
  await workers.stop()
})
