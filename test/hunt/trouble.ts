import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type { Behaviour } from '../../sandbox/affitor/index.js'
import { randomFrom, shuffled } from '../../tools/harness/random.js'
import { ofSomebodyElse } from './beyond.js'
import { helpedByRetry, wrongToRetry } from './rules.js'
import type { Settings } from './rules.js'
import { catchUp, choice, expectedNow, find, step } from './world.js'
import type { World } from './world.js'

// How events come, what the service goes through, what Affitor does, and what the operator does about it.

const none = fc.constant(undefined)

export const deliver = step('events come', fc.record({ share: fc.constantFrom(20, 50, 100, 100), seed: fc.nat(), twice: fc.boolean() }), {
  async run ({ stage, model, delivered }, { share, seed, twice }) {
    const waiting = [...model.books.events.values()].map(({ event }) => event).filter(({ id }) => !delivered.has(id))
    const random = randomFrom(seed)
    for (const event of shuffled(waiting, random).slice(0, Math.ceil(waiting.length * share / 100))) {
      for (let times = twice ? 2 : 1; times > 0; times--) await stage.deliver(event)
      delivered.add(event.id)
    }
  }
})

export const somebodyElses = step('an event of somebody else comes', fc.record({ index: choice, who: fc.constantFrom('connected account' as const, 'live mode' as const) }), {
  can: ({ books }, { index }) => find(books.events.values(), index, () => true),
  async run ({ stage, model: { books } }, { index, who }) {
    const stored = find(books.events.values(), index, ({ event }) => /succeeded|completed|paid|refund|dispute/.test(event.type))
    if (stored !== undefined) await stage.deliver(ofSomebodyElse(stored.event, who))
  }
})

export const work = step('workers work', none, { run: async ({ stage }) => await stage.service.work() })

export const readAgain = step('all is read again', none, {
  run: async ({ stage }) => await stage.query("update stripe_events set state = 'received', reason = null, waiting_for = null, parked_since = null, next_attempt_at = now()")
})

export const restart = step('the service is restarted', none, { run: async ({ stage }) => await stage.restart() })

/** Killed, it loses the answers of the calls that it waits for. */
export const restartAtWork = step('the service is stopped at work', fc.record({ afterMs: fc.nat({ max: 120 }), killed: fc.boolean() }), {
  async run ({ stage }, { afterMs, killed }) {
    const { affitor, app: { affitor: { workers } } } = stage.service
    affitor.behave({ latencyMs: 30 })
    workers.start()
    await sleep(afterMs)
    if (!killed) await workers.stop()
    await stage.restart()
    if (killed) {
      workers.stop().catch(() => {})
      await sleep(40)
      await stage.query('update tracking_events set leased_until = now(); update stripe_events set leased_until = now()')
    }
    affitor.behave({})
  }
})

/** A fact stays as it is in the ledger: so all that happened so far is read before the settings change. */
export const changeSettings = step('settings change', fc.record({ netOfTax: fc.boolean(), countUpgrades: fc.boolean(), countOutside: fc.boolean() }), {
  async run (world, settings) {
    await catchUp(world)
    const { stage, model } = world
    for (const { transactionId } of expectedNow(model)) if (!model.countedUnder.has(transactionId)) model.countedUnder.set(transactionId, model.settings)
    model.settings = settings
    await stage.restart(variablesOf(settings))
    await stage.query("update stripe_events set state = 'received', reason = null, waiting_for = null, parked_since = null, next_attempt_at = now()")
  }
})

export const SERVICE = { DELIVERY_RETRY_BASE_MS: '600000', DELIVERY_RETRY_CAP_MS: '600000', DELIVERY_TIMEOUT_MS: '600' }

export function variablesOf ({ netOfTax, countUpgrades, countOutside }: Settings): Record<string, string> {
  return {
    ...SERVICE, SALE_AMOUNT: netOfTax ? 'net_of_tax' : 'gross', COUNT_UPGRADES: String(countUpgrades), COUNT_OUT_OF_BAND_PAYMENTS: String(countOutside)
  }
}

const faults: Behaviour[] = [
  { failStatus: 500 }, { failStatus: 503, retryAfterSeconds: 30 }, { failStatus: 429, retryAfterSeconds: 1 }, { failStatus: 404 },
  { failAfterRecording: 500 }, { failAfterRecording: 502 }, { dropConnection: 'before' }, { dropConnection: 'after' }, { refuseKey: true },
  { page: 'before' }, { page: 'after' }, { page: 'before', failStatus: 400 }, { page: 'before', failStatus: 409 }, { page: 'after', failStatus: 502 }
]
const endpoints = fc.constantFrom<Behaviour['endpoints'][]>(undefined, undefined, ['lead'], ['sale'], ['refund'])

export const fault = step('Affitor fails', fc.record({ fault: fc.constantFrom(...faults), times: fc.constantFrom(1, 1, 2, 5, undefined), endpoints }), {
  run: async ({ stage }, { fault, times, endpoints }) => {
    stage.service.affitor.behave({ ...fault, ...(times && { times }), ...(endpoints && { endpoints }) })
  }
})

export const noAnswerInTime = step('Affitor takes too long', none, {
  async run ({ stage }) {
    stage.service.affitor.behave({ latencyMs: 900, times: 1 })
    await stage.service.work()
    await sleep(350)
  }
})

export const recovery = step('Affitor recovers', none, { run: async ({ stage }) => { stage.service.affitor.behave({}) } })

/** What waits for its time is due. */
export async function hurry ({ stage }: World): Promise<void> {
  await stage.query("update tracking_events set next_attempt_at = now() where state = 'pending'; update delivery_pauses set until = now()")
}

export const timePasses = step('time passes', none, {
  async run (world) {
    await hurry(world)
    await world.stage.service.work()
  }
})

export const giveUp = step('days pass', none, {
  async run (world) {
    await world.stage.query("update tracking_events set give_up_at = now() where state = 'pending' and give_up_at is not null")
    await hurry(world)
    await world.stage.service.work()
  }
})

/** As the operator page lets him: each that a retry may help, and the others in vain. */
export async function retryAll ({ stage }: World): Promise<boolean> {
  let retried = false
  for (const { id, reason } of await stage.service.ledger()) {
    if (reason === null || ![...helpedByRetry, ...wrongToRetry].includes(reason)) continue
    const { status } = await stage.service.operator('POST', `/api/tracking/events/${id}/retry`)
    if (status !== 202 && status !== 409) throw new Error(`a retry of ${reason} was answered ${status}`)
    if (status === 202 && wrongToRetry.includes(reason)) throw new Error(`a retry of ${reason} was taken`)
    retried ||= status === 202
    await stage.service.work()
  }
  return retried
}

export const retry = step('the operator retries', choice, {
  async run ({ stage }, index) {
    const fact = find(await stage.service.ledger(), index, ({ reason }) => reason !== null && [...helpedByRetry, 'transaction_id_used_up', 'customer_not_found'].includes(reason))
    if (fact !== undefined) await stage.service.operator('POST', `/api/tracking/events/${fact.id}/retry`)
  }
})

export const hold = step('the operator takes one out of line', choice, {
  async run ({ stage }, index) {
    const fact = find(await stage.service.ledger(), index, ({ state }) => state === 'pending')
    if (fact !== undefined) await stage.service.operator('POST', `/api/tracking/events/${fact.id}/hold`)
  }
})

export const oneStripeEventAgain = step('the operator has one event read again', choice, {
  can: ({ books }, index) => find(books.events.values(), index, () => true),
  async run ({ stage, model: { books } }, index) {
    const stored = find(books.events.values(), index, () => true)
    await stage.service.operator('POST', `/api/tracking/stripe-events/${stored?.id}/retry`)
  }
})
