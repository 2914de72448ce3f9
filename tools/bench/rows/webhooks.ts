import { ratios } from '../../harness/statistics.js'
import { checkCalls, startAffitor } from '../affitor.js'
import { send, steady } from '../load.js'
import type { Load } from '../load.js'
import { inTurns } from '../rounds.js'
import type { Row } from '../row.js'
import { startService, startSide } from '../servers.js'
import { makeWebhooks, PAYLOAD } from '../webhooks.js'

const CONNECTIONS = 50
const AFFITOR_MS = 50
/** How long each measurement takes. */
const SECONDS = 3

export const webhooks: Row = {
  name: 'webhooks',
  title: `accepting webhooks, ${CONNECTIONS} connections`,

  async measure (setting) {
    const { quick } = setting
    const [ours, others] = [await setting.database('webhooks'), await setting.database('webhooks_others')]
    const affitor = await startAffitor(setting, AFFITOR_MS)
    const common = { DATABASE_URL: others.url, AFFITOR_API_URL: affitor.url, JOBS_AT_ONCE: '0' }
    const [limit, guide, transactional, service] = await Promise.all([
      startSide(setting, 'verify-only'), startSide(setting, 'guide', common), startSide(setting, 'transactional', common), startService(setting, { database: ours })
    ])
    const problems: string[] = []
    const sent = { service: 0, transactional: 0 }
    const load = (url: string, warmUp: number, after: (sessionIds: string[]) => Promise<void> | void) =>
      steady(SECONDS, quick ? 200 : warmUp, async (count): Promise<Load> => {
        const made = makeWebhooks(count)
        const done = await send({ url, connections: CONNECTIONS, requests: made.map(({ request }) => request), expected: 200 })
        problems.push(...done.problems)
        await after(made.map(({ sessionId }) => sessionId))
        return done
      })

    // About five seconds to warm up for each: so long V8 goes on compiling, and PostgreSQL makes new files of its log.
    const loads = await inTurns(setting, 7, {
      limit: load(limit.url, 40_000, () => {}),
      service: load(service.url, 20_000, ids => { sent.service += ids.length }),
      guide: load(guide.url, 4_000, async ids => { problems.push(...checkCalls('the guide\'s handler', ids, await affitor.calls())) }),
      transactional: load(transactional.url, 8_000, ids => { sent.transactional += ids.length })
    })

    const stored = {
      service: await ours.count('select count(*) from stripe_events'),
      transactional: await others.count('select least((select count(*) from events), (select count(*) from jobs))')
    }
    for (const side of ['service', 'transactional'] as const) {
      if (stored[side] !== sent[side]) problems.push(`${side}: ${sent[side]} events were answered 200 and ${stored[side]} are in the database`)
    }
    const rate = (side: keyof typeof loads) => loads[side].map(({ perSecond }) => perSecond)
    return {
      sides: [
        { role: 'ours', what: 'stored, then 200', unit: '/s', rounds: rate('service') },
        { role: 'limit', what: 'Fastify and the signature check alone', unit: '/s', rounds: rate('limit') },
        { role: 'other', what: 'the guide: call Affitor, then 200', unit: '/s', rounds: rate('guide') },
        { role: 'other', what: 'begin, event, job, commit', unit: '/s', rounds: rate('transactional') }
      ],
      targets: [
        { what: 'of the limit', unit: '×', rounds: ratios(rate('service'), rate('limit')), atLeast: 0.45 },
        { what: 'the guide', unit: '×', rounds: ratios(rate('service'), rate('guide')), atLeast: 7 },
        { what: 'begin, event, job, commit', unit: '×', rounds: ratios(rate('service'), rate('transactional')), atLeast: 3 }
      ],
      notes: [`${PAYLOAD.length} bytes a webhook, each a different event; Affitor answers in ${AFFITOR_MS} ms; the workers do not run.`],
      problems
    }
  }
}
