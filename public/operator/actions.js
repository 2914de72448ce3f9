// @ts-check
import { html } from 'lit-html'
import * as api from './api.js'
import { ask } from './dialog.js'
import { factAmount, factName } from './facts.js'
import { operatorName } from './operator-name.js'
import { counted } from './parts.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {Schemas['AttentionGroup']} Group */
/** @typedef {ReturnType<typeof actionsOf>} Actions */

/** As many are done in one request. */
const MOST_A_CALL = 1_000

/** "Sale $49.00" @param {Schemas['TrackingEvent']} event */
const nameOf = event => `${factName(event)} ${factAmount(event)}`.trim()

/**
 * What an operator can do about events.
 * @param {import('./page.js').Page} page
 * @param {() => Promise<void>} reload reads again what is shown
 */
export function actionsOf (page, reload) {
  /**
   * @param {() => Promise<unknown>} action
   * @param {string} done what is said of it afterwards
   */
  const act = (action, done) => page.attempt(async () => {
    await action()
    page.say(done)
    await reload()
  })

  /**
   * @param {string} name
   * @param {(body: { note: string }) => Promise<unknown>} resolve
   * @param {() => Promise<unknown>} reopen
   */
  const askToResolve = (name, resolve, reopen) => ask(page, {
    heading: `Resolve: ${name}`,
    text: html`<p>It leaves the list of what needs attention. The note stays in the customer’s story, and it can be reopened.</p>`,
    confirm: 'Resolve',
    isNoted: true,
    async run (note) {
      await resolve({ note, ...operatorName.asBody() })
      await reload()
    },
    after: () => page.offer(`Resolved: ${name}.`, () => act(reopen, `${name} needs attention again.`))
  })

  return {
    /** @param {Schemas['TrackingEvent']} event */
    retry: event => act(() => api.retryEvent(event.id, operatorName.asBody()), `${nameOf(event)} is being sent again.`),
    /** @param {Schemas['TrackingEvent']} event */
    hold: event => act(() => api.holdEvent(event.id, operatorName.asBody()), `${nameOf(event)} was taken out of line. Retry sends it.`),
    /** @param {Schemas['StripeEvent']} event */
    readAgain: event => act(() => api.retryStripeEvent(event.id, operatorName.asBody()), `${event.type} is being read again.`),
    /** @param {Schemas['TrackingEvent']} event */
    resolve: event => askToResolve(nameOf(event), body => api.resolveEvent(event.id, body), () => api.reopenEvent(event.id, operatorName.asBody())),
    /** @param {Schemas['StripeEvent']} event */
    resolveStripeEvent: event => askToResolve(event.type, body => api.resolveStripeEvent(event.id, body), () => api.reopenStripeEvent(event.id, operatorName.asBody())),
    /** @param {Schemas['TrackingEvent']} event */
    reopen: event => act(() => api.reopenEvent(event.id, operatorName.asBody()), `${nameOf(event)} needs attention again.`),
    /** @param {Schemas['StripeEvent']} event */
    reopenStripeEvent: event => act(() => api.reopenStripeEvent(event.id, operatorName.asBody()), `${event.type} needs attention again.`),

    /** @param {Group} group */
    retryAll: group => ask(page, {
      heading: `Retry ${counted(group.count, 'event')}?`,
      text: html`<p>${group.explanation}</p><p>Each is sent to Affitor again, and comes back here if that ends alike.</p>`,
      confirm: `Retry all ${group.count.toLocaleString('en')}`,
      run: () => throughout(group, reason => api.retryByReason({ reason, ...operatorName.asBody() }), reload),
      after: () => page.say(`${counted(group.count, 'event')} are being sent again.`)
    }),
    /** @param {Group} group */
    resolveAll: group => ask(page, {
      heading: `Resolve ${counted(group.count, 'event')}?`,
      text: html`<p>${group.explanation}</p><p>They leave the list together, with one note. Each can be reopened from its customer’s story.</p>`,
      confirm: `Resolve all ${group.count.toLocaleString('en')}`,
      isNoted: true,
      run: note => throughout(group, reason => api.resolveByReason({ reason, note, ...operatorName.asBody() }), reload),
      after: () => page.say(`${counted(group.count, 'event')} were resolved.`)
    })
  }
}

/**
 * Repeats a request until it has gone through all events of a reason; what comes to need attention meanwhile is left.
 * @param {Group} group
 * @param {(reason: string) => Promise<Schemas['ChangedByReason']>} change
 * @param {() => Promise<void>} reload
 */
async function throughout ({ reason, count }, change, reload) {
  if (reason === null) return
  for (let done = 0; done < count; done += MOST_A_CALL) {
    const { changed, remaining } = await change(reason)
    if (changed === 0 || remaining === 0) break
  }
  await reload()
}
