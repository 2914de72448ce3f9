import { execFileSync } from 'node:child_process'
import { appendFileSync, chownSync, chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { migrate } from '../../src/db/migrate.js'
import { loadConfig } from '../../src/service/config.js'
import { prepareDatabase } from '../../src/service/database/prepare.js'
import { Closers } from '../../tools/harness/closers.js'
import { startPostgres } from '../../tools/harness/postgres.js'
import { createTestRole, createTestDatabase, emptyDatabase } from '../helpers/database.js'
import { withClient } from '../helpers/postgres-server.js'

/** What a start of the service says, and one with the app's own pool. */
async function refusals (connectionString: string): Promise<[service: string, plugin: string]> {
  const said = (work: Promise<void>) => work.then(() => 'taken', (error: Error) => error.message)
  const pool = new pg.Pool({ connectionString })
  try {
    return [await said(prepareDatabase(loadConfig({ DATABASE_URL: connectionString }))), await said(migrate(pool))]
  } finally {
    await pool.end()
  }
}

function changed (connectionString: string, change: (url: URL) => void): string {
  const url = new URL(connectionString)
  change(url)
  return url.href
}

t.test('a database that does not exist, a role that may not look', async t => {
  const connectionString = await emptyDatabase(t)
  for (const said of await refusals(changed(connectionString, url => { url.pathname = '/no_such_database' }))) {
    t.match(said, /^The database (\S+ at \S+ )?cannot be used: database "no_such_database" does not exist\. Create it, or name another one\.( Check DATABASE_URL\.)?$/)
  }
  const stranger = await createTestRole(t, (await createTestDatabase(t)).connectionString, 'stranger')
  for (const said of await refusals(stranger)) {
    t.match(said, /^The database \S+ at \S+ cannot be used: permission denied for schema affitor\. Grant its role what docs\/database\.md lists under "Roles"\./)
  }
  for (const said of await refusals(changed(connectionString, url => { url.search = '?sslmode=verify-full&sslrootcert=/nowhere/ca.pem' }))) {
    t.match(said, /^The (address of the )?database cannot be (read|used): ENOENT: no such file or directory, open '\/nowhere\/ca\.pem'\./)
  }
})

t.test('TLS: what is told of a server, and what the connection string says to trust it', async t => {
  const closers = new Closers()
  t.teardown(() => closers.close())
  const server = await startPostgres(closers)
  const at = (search: string) => changed(server.connectionString, url => { url.search = search })
  const local = changed(server.connectionString, url => { url.hostname = 'localhost' })

  for (const said of await refusals(at('?sslmode=verify-full'))) {
    t.match(said, /cannot be used: The server does not support SSL connections\. Take sslmode and the like out of the connection string\./)
  }

  const folder = mkdtempSync(join(tmpdir(), 'fastify-affitor-tls-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const certificate = join(folder, 'server.crt')
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost', '-keyout', join(folder, 'server.key'), '-out', certificate], { stdio: 'ignore' })
  await withClient(server.adminConnectionString, async client => {
    const { rows: [{ data_directory: data }] } = await client.query('show data_directory')
    for (const name of ['server.crt', 'server.key']) {
      writeFileSync(join(data, name), readFileSync(join(folder, name)))
      chmodSync(join(data, name), 0o600)
      if (process.geteuid?.() === 0) chownSync(join(data, name), statSync(data).uid, statSync(data).gid)
    }
    // What comes first counts.
    const rules = join(data, 'pg_hba.conf')
    const others = readFileSync(rules, 'utf8')
    writeFileSync(rules, 'hostnossl all affitor all reject\n')
    appendFileSync(rules, others)
    await client.query('alter system set ssl = on')
    await client.query('select pg_reload_conf()')
  })

  // A reload takes a moment.
  while (await refusals(at('')).then(([said]) => said === 'taken')) { /* again */ }
  for (const said of await refusals(at(''))) {
    t.match(said, /cannot be used: pg_hba\.conf rejects connection .*no encryption\. It wants TLS: add sslmode=verify-full to the connection string\./)
  }
  for (const mode of ['verify-full', 'require']) {
    for (const said of await refusals(at(`?sslmode=${mode}`))) {
      t.match(said, /cannot be used: its certificate is not trusted \(self-signed certificate\)\. Name the file .*, sslmode=verify-full&sslrootcert=FILE; or .*, sslmode=no-verify\./)
    }
  }
  for (const said of await refusals(at(`?sslmode=verify-full&sslrootcert=${certificate}`))) {
    t.match(said, /its certificate is not trusted \(.*does not match certificate's altnames.*\)/, 'the name is looked at too')
  }
  t.same(await refusals(`${local}?sslmode=verify-full&sslrootcert=${certificate}`), ['taken', 'taken'])
  t.same(await refusals(at('?sslmode=no-verify')), ['taken', 'taken'])
})
