import t from 'tap'
import { startStage } from '../order/stage.js'
import { hunt } from './hunt.js'

// `npm run hunt` sets these; by itself it is a short one.
const SEED = Number(process.env.HUNT_SEED ?? Math.floor(Math.random() * 2 ** 31))
const COMMANDS = Number(process.env.HUNT_COMMANDS ?? 400)
const { HUNT_PATH: path, HUNT_REPLAY_PATH: replayPath } = process.env

t.setTimeout(0)

t.setTimeout(24 * 3_600_000)

t.test('what Affitor holds is what Stripe\'s books say, whatever happens', { timeout: 24 * 3_600_000 }, async t => {
  const stage = await startStage(t)
  let said = 0
  const found = await hunt(stage, {
    seed: SEED,
    commands: COMMANDS,
    ...(process.env.HUNT_COMMANDS === undefined && { timeMs: 20_000 }),
    ...(path && { path }),
    ...(replayPath && { replayPath }),
    onRun (commands, runs) {
      if (commands < said + 1000) return
      said = commands
      console.error(`${commands} commands in ${runs} journeys`)
    }
  })
  const ends = [...found.ends].sort().map(([end, count]) => `${count} ${end}`)
  t.pass(`${found.commands} commands in ${found.runs} journeys (seed ${SEED}): ${ends.join(', ')}`)
})
