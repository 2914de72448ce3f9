import { randomBytes } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Test } from 'tap'
import { findTestServer, inDatabase, keepsDatabases, startTestServer, withClient } from './postgres-server.js'
import type { TestServer } from './postgres-server.js'

export interface TestDatabase {
  connectionString: string
  name: string
}

let server: Promise<TestServer> | undefined

/**
 * Makes a database of its own for a test: an empty one with all migrations applied, a clone of the
 * run's template. It is dropped with the test, or kept and named when the test failed.
 *
 * In a `tap` run all files share one server. A file that is run alone gets one for itself, which
 * ends with it. With TEST_DATABASE_URL (a user that may create databases) that server is used.
 */
export async function createTestDatabase (t: Test): Promise<TestDatabase> {
  const { adminConnectionString, connectionString, template } = await testServer()
  const path = process.argv[2] ?? process.argv[1] ?? ''
  const file = `${basename(dirname(path))}_${basename(path)}`.replace(/(\.test)?\.\w+$/, '').replaceAll(/\W+/g, '_').toLowerCase().slice(0, 30)
  const name = `affitor_test_${file}_${randomBytes(5).toString('hex')}`
  const owner = decodeURIComponent(new URL(connectionString).username)
  await withClient(adminConnectionString, client => clone(client, name, template, owner))
  const database = { connectionString: inDatabase(connectionString, name), name }

  t.teardown(async () => {
    if (t.passing()) {
      await withClient(adminConnectionString, client => client.query(`drop database if exists ${name} with (force)`))
    } else {
      const survives = keepsDatabases || (process.env.TEST_DATABASE_URL ?? '') !== ''
      console.error(survives
        ? `database of the failed test: ${database.connectionString}`
        : `the database of the failed test was ${name}; with KEEP_TEST_DATABASES=1 it stays for inspection`)
    }
  })
  return database
}

/**
 * A role that may do nothing but log in, as it sees a database of the test.
 * @param grants what its owner grants it besides, to `ROLE`
 */
export async function createTestRole (t: Test, connectionString: string, name: string, grants?: string): Promise<string> {
  const { adminConnectionString } = await testServer()
  const role = `affitor_test_${name}_${randomBytes(5).toString('hex')}`
  const url = new URL(connectionString)
  await withClient(adminConnectionString, client => client.query(`create role ${role} login password 'a-secret'`))
  t.teardown(async () => {
    await withClient(inDatabase(adminConnectionString, url.pathname.slice(1)), client => client.query(`drop owned by ${role}; drop role ${role}`))
  })
  if (grants !== undefined) await withClient(connectionString, client => client.query(grants.replaceAll('ROLE', role)))
  url.username = role
  url.password = 'a-secret'
  return url.href
}

async function testServer (): Promise<TestServer> {
  server ??= findTestServer(Number(process.env.TEST_RUN ?? process.ppid)).then(found => found ?? startTestServer(process.pid))
  return await server
}

/** A database without any table. */
export async function emptyDatabase (t: Test): Promise<string> {
  const { connectionString } = await createTestDatabase(t)
  await withClient(connectionString, client => client.query('drop schema affitor, affitor_service cascade'))
  return connectionString
}

async function clone (client: pg.Client, name: string, template: string, owner: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      // Measured with the test server's settings, 12 tables: 19 to 24 ms to make and 8 to 12 to drop; wal_log 21 to 40 and 22.
      // Until 14 it is the only way, and has no name.
      const strategy = Number.parseInt(await serverVersion(client), 10) < 15 ? '' : 'strategy file_copy'
      await client.query(`create database ${name} template ${template} owner ${client.escapeIdentifier(owner)} ${strategy}`)
      return
    } catch (error) {
      // Nobody can connect to the template, but autovacuum may be at work in it.
      if ((error as pg.DatabaseError).code !== '55006' || attempt === 50) throw error
      await delay(100)
    }
  }
}

async function serverVersion (client: pg.Client): Promise<string> {
  return (await client.query<{ server_version: string }>('show server_version')).rows[0]?.server_version ?? ''
}
