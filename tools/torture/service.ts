import { join } from 'node:path'
import { freePorts } from '../../sandbox/free-ports.js'
import { ENTRIES, serviceEnvironment } from '../harness/environment.js'
import type { ShopStage } from '../harness/stage.js'
import { Member } from './member.js'
import type { Role, UnexpectedExit } from './member.js'

/** Longest wait of the service for one answer of Affitor, in milliseconds. */
export const DELIVERY_TIMEOUT_MS = 500

export interface TorturedService {
  members: Member[]
  /** Addresses of the API processes; a process that is started again has the one it had. */
  urls: string[]
}

/** Starts the service as it is deployed: two API processes and two worker processes on one database. */
export async function startService (
  { closers, compiled, folder, affitor, stripe }: ShopStage, databaseUrl: string, onUnexpectedExit: (exit: UnexpectedExit) => void
): Promise<TorturedService> {
  const ports = await freePorts(2)
  const common = {
    ...serviceEnvironment({ databaseUrl, affitor, stripe }, true),
    // One for all processes, as behind a load balancer: a checkout that is repeated elsewhere is the same checkout.
    PUBLIC_URL: 'http://shop.localhost',
    WORKERS: 'false',
    DELIVERY_TIMEOUT_MS: String(DELIVERY_TIMEOUT_MS),
    DELIVERY_RETRY_BASE_MS: '20',
    DELIVERY_RETRY_CAP_MS: '300'
  }
  const members: Member[] = []
  closers.add(() => Promise.all(members.map(each => each.end())))
  const start = (name: string, role: Role, variables: Record<string, string> = {}) => {
    members.push(new Member({
      name,
      role,
      args: [join(compiled, `${ENTRIES[role]}.js`)],
      cwd: folder,
      environment: { ...common, ...variables },
      ready: /Server listening at|Workers started/,
      patienceMs: 120_000,
      onUnexpectedExit
    }))
  }
  ports.forEach((port, index) => start(`api ${index + 1}`, 'server', { PORT: String(port) }))
  start('worker 1', 'worker')
  start('worker 2', 'worker')
  await Promise.all(members.map(each => each.untilRunning()))
  return { members, urls: ports.map(port => `http://127.0.0.1:${port}`) }
}
