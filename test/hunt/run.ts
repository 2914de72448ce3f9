import { parseArgs } from 'node:util'

const USAGE = `Usage: npm run hunt -- [--commands 20000] [--seed N] [--path P --replay R]

Lets random journeys happen and compares what Affitor holds with Stripe's books.
  --commands  ends after so many (default 2000)
  --seed      of a run before, to repeat it
  --path      with --replay: what a failed run printed as "path" and "replayPath", to see its smallest case again`

try {
  const { values } = parseArgs({ options: { commands: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' }, replay: { type: 'string' } } })
  const { commands = '2000', seed, path, replay } = values
  if (!/^\d+$/.test(commands) || (seed !== undefined && !/^-?\d+$/.test(seed)) || (path === undefined) !== (replay === undefined)) throw new Error('no such run')
  process.env.HUNT_COMMANDS = commands
  for (const [name, value] of Object.entries({ HUNT_SEED: seed, HUNT_PATH: path, HUNT_REPLAY_PATH: replay })) {
    if (value !== undefined) process.env[name] = value
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exit(2)
}
await import('./hunt.test.js')
