import { hurry, retryAll } from './trouble.js'
import { catchUp } from './world.js'
import type { World } from './world.js'

/** Everything works again, all that waits is due, and the operator has retried what a retry may help. */
export async function calmDown (world: World): Promise<void> {
  const { stage } = world
  stage.service.affitor.behave({})
  await catchUp(world)
  await workOff(world)
  for (let round = 0; round < 3; round++) {
    if (!await retryAll(world)) break
    await workOff(world)
  }
}

async function workOff (world: World): Promise<void> {
  for (let round = 0; round < 10; round++) {
    await hurry(world)
    await world.stage.service.work()
    if ((await world.stage.ledger()).every(({ state }) => state !== 'pending')) return
  }
  const pending = (await world.stage.service.ledger()).filter(({ state }) => state === 'pending')
  throw new Error(`Facts are pending although Affitor answers: ${JSON.stringify(pending)}`)
}
