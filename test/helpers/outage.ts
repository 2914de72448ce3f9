import type { Test } from 'tap'
import { startProxy } from '../../tools/harness/proxy.js'
import type { Proxy } from '../../tools/harness/proxy.js'

/** A way to Affitor that can be cut: while it is `away`, every connection is broken. It closes with the test. */
export async function startOutage (t: Test, target: string): Promise<Proxy> {
  const proxy = await startProxy(target)
  t.teardown(() => proxy.cut())
  return proxy
}
