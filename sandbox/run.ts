import { main } from '../src/service/run.js'
import type { Run } from '../src/service/run.js'
import { withDatabase } from './with-database.js'

/** What `npm run worker`, `npm run reconcile` and the like run: production's program, with the database of the repository. */
const programs: Record<string, () => Promise<{ run: Run }>> = {
  worker: () => import('../src/service/worker.js'),
  reconcile: () => import('../src/cli/reconcile.js'),
  reinterpret: () => import('../src/cli/reinterpret.js'),
  'change-program': () => import('../src/cli/change-program.js'),
  verify: () => import('../src/cli/verify-service.js')
}

await main(async () => {
  // The program reads its own arguments, which follow its name.
  const [name = ''] = process.argv.splice(2, 1)
  const load = programs[name]
  if (load === undefined) throw new Error(`There is no program "${name}", only ${Object.keys(programs).join(', ')}.`)
  const { run } = await load()
  await run(withDatabase)
})
