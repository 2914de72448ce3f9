import type { Registry } from 'prom-client'
import type { MetricsOptions } from './metrics.js'
import { unwatched } from './watcher.js'
import type { Watcher } from './watcher.js'

export interface Metrics {
  watcher: Watcher
  /** Resolves once they are registered. @throws with a sentence when they cannot be */
  ready (): Promise<void>
  /** Takes them out of the registry, which may live on. */
  close (): Promise<void>
}

/**
 * Metrics in a registry; without one, nothing. What happens before `prom-client` is loaded is not counted: an app that is
 * not ready has had no request.
 */
export function openMetrics (registry: Registry | undefined, parts: Pick<MetricsOptions, 'db' | 'pool'>): Metrics {
  if (registry === undefined) return { watcher: unwatched, async ready () {}, async close () {} }
  const watcher = { ...unwatched }
  const opening = register(registry, parts).then(({ counting, remove }) => {
    Object.assign(watcher, counting)
    return remove
  })
  return {
    watcher,
    async ready () { await opening },
    // Without a database they tell nothing, and whoever starts again in this process has the same names.
    async close () { await opening.then(remove => { remove() }, () => {}) }
  }
}

/** @throws with a sentence; the registry is then as it was */
async function register (registry: Registry, parts: Pick<MetricsOptions, 'db' | 'pool'>): Promise<{ counting: Watcher, remove (): void }> {
  const [client, { registerMetrics }] = await Promise.all([
    import('prom-client').catch((cause: unknown) => {
      throw new Error('metrics.registry needs the package prom-client: npm i prom-client', { cause })
    }),
    import('./metrics.js')
  ])
  const others = namesIn(registry)
  const added = () => namesIn(registry).filter(name => !others.includes(name))
  const remove = (names: string[]) => { for (const name of names.splice(0)) registry.removeSingleMetric(name) }
  try {
    const counting = registerMetrics({ client, registry, ...parts })
    const own = added()
    // Once: after that, what has the names is another's.
    return { counting, remove () { remove(own) } }
  } catch (error) {
    remove(added())
    throw error
  }
}

function namesIn (registry: Registry): string[] {
  return registry.getMetricsAsArray().map(({ name }) => name)
}
