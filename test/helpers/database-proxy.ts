import type { Test } from 'tap'
import { startProxy } from '../../tools/harness/proxy.js'
import type { Proxy } from '../../tools/harness/proxy.js'

/** Puts a proxy before a database, so that it can go away and come back. It closes with the test. */
export async function startDatabaseProxy (t: Test, connectionString: string): Promise<Proxy & { connectionString: string }> {
  const proxy = await startProxy(connectionString)
  t.teardown(() => proxy.cut())
  return Object.assign(proxy, { connectionString: proxy.url })
}
