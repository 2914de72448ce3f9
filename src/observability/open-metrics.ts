import type { Registry } from 'prom-client'
import type { MetricsOptions } from './metrics.js'
import { unwatched } from './watcher.js'
import type { Watcher } from './watcher.js'

export interface Metrics {
  watcher: Watcher
  /** Resolves once they are registered. @throws with a sentence when they cannot be */
  ready (): Promise<void>
}

/**
 * Metrics in a registry; without one, nothing. What happens before `prom-client` is loaded is not counted: an app that is
 * not ready has had no request.
 */
export function openMetrics (registry: Registry | undefined, parts: Pick<MetricsOptions, 'db' | 'pool'>): Metrics {
  if (registry === undefined) return { watcher: unwatched, async ready () {} }
  const watcher = { ...unwatched }
  const opening = register(registry, parts).then(counting => { Object.assign(watcher, counting) })
  return { watcher, ready: () => opening }
}

async function register (registry: Registry, parts: Pick<MetricsOptions, 'db' | 'pool'>): Promise<Watcher> {
  const [client, { registerMetrics }] = await Promise.all([
    import('prom-client').catch((cause: unknown) => {
      throw new Error('metrics.registry needs the package prom-client: npm i prom-client', { cause })
    }),
    import('./metrics.js')
  ])
  return registerMetrics({ client, registry, ...parts })
}
