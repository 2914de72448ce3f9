import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { startEmbeddedPostgres } from '../../sandbox/postgres/index.js'
import { migrate } from '../../src/db/migrate.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import { startService } from '../helpers/service.js'
import { deliver, stripeEvent } from '../helpers/webhook.js'

t.setTimeout(180_000)

const exec = promisify(execFile)
const MEGABYTE = 1_048_576

/** A disk of its own, small and in memory; undefined where this user may not mount one. */
async function mountSmallDisk (): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-disk-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  try {
    await exec('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', folder])
  } catch {
    return undefined
  }
  t.teardown(() => exec('umount', ['--lazy', folder]))
  // Root's server runs as another user, who must pass this folder.
  await chmod(folder, 0o755)
  return folder
}

const disk = await mountSmallDisk()

t.test('a full disk: 503 and words in the log, and when there is space again all that was acknowledged is there', {
  skip: disk === undefined && 'this user may not mount a small disk: that takes root, and a container that allows it'
}, async t => {
  if (disk === undefined) return
  const log: string[] = []
  const server = await startEmbeddedPostgres({ dataDir: disk, log: message => { log.push(message) } })
  t.teardown(() => server.stop())
  await migrate(server.connectionString)
  const service = await startService(t, {
    connectionString: server.connectionString,
    variables: { LOG_LEVEL: 'info' },
    overrides: { logStream: { write: line => { log.push(line) } } }
  })

  const filler = join(disk, 'filler')
  const { bavail, bsize } = await statfs(disk)
  await writeFile(filler, Buffer.alloc(bavail * bsize - MEGABYTE))
  const acknowledged: string[] = []
  const statuses = new Set<number>()
  const bring = async () => {
    const event = stripeEvent({ padding: 'x'.repeat(200_000) })
    const { status, headers } = await deliver(service, event)
    statuses.add(status)
    if (status === 200) acknowledged.push(event.id)
    else t.match(headers.get('retry-after'), /^\d+$/)
    return status
  }
  await eventually('the disk is full', async () => await bring() === 503, 60)
  for (let more = 0; more < 10; more++) await bring()
  t.same([...statuses].filter(status => status !== 200), [503])
  t.match(log.join('\n'), /No space left on device/)

  await rm(filler)
  await eventually('it takes events again, by itself', async () => await bring() === 200, 60)
  const ledger = await openLedger(t, server.connectionString)
  const stored = await ledger.query('select id from stripe_events where length(payload) > 200000')
  t.same(acknowledged.filter(id => !stored.some(row => row.id === id)), [], `all ${acknowledged.length} that were acknowledged`)
  await t.resolves(ledger.query('reindex table stripe_events'), 'every row can be read')
})
