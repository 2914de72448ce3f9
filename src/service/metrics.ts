import type { MetricsRouteOptions } from './routes/metrics.js'

/**
 * What a process of the service counts, with what Node tells of itself: event loop, memory, garbage. Loaded where there
 * is a token alone.
 */
export async function openRegistry (tokens: string[]): Promise<MetricsRouteOptions | undefined> {
  if (tokens.length === 0) return undefined
  const { collectDefaultMetrics, Registry } = await import('prom-client')
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return { registry, tokens }
}
