import type { AlertMessage } from '../../schemas/alert.js'
import type { Attention, Trouble } from '../ledger/alerts.js'

const overs: Record<Trouble['cause'], string> = {
  attention: 'Over: nothing needs attention any more.',
  delivery_paused: 'Over: delivery to Affitor goes on.',
  delivery_late: 'Over: no fact has waited longer than an hour for Affitor.'
}

export function raisedMessage (trouble: Trouble, operatorUrl: string | undefined): AlertMessage {
  const common = { cause: trouble.cause, state: 'raised' as const, since: trouble.since.toISOString(), ...(operatorUrl !== undefined && { operatorUrl }) }
  switch (trouble.cause) {
    case 'attention':
      return { text: withLink(attentionInWords(trouble.attention), operatorUrl), ...common, count: sumOf(trouble.attention) }
    case 'delivery_paused':
      return { text: withLink('Delivery to Affitor is paused: Affitor refuses the API key. Facts wait, and go on by themselves once it is taken.', operatorUrl), ...common }
    case 'delivery_late':
      return { text: withLink(`The oldest fact has waited for ${Math.floor(trouble.oldestSeconds / 60)} minutes for Affitor.`, operatorUrl), ...common, oldestSeconds: Math.round(trouble.oldestSeconds) }
  }
}

export function overMessage (cause: Trouble['cause'], since: Date, operatorUrl: string | undefined): AlertMessage {
  return { text: withLink(overs[cause], operatorUrl), cause, state: 'over', since: since.toISOString(), ...(operatorUrl !== undefined && { operatorUrl }) }
}

function attentionInWords (attention: Attention[]): string {
  const facts = attention.filter(({ kind }) => kind === 'fact')
  const events = attention.filter(({ kind }) => kind === 'stripe_event')
  return [
    ...(facts.length > 0 ? [`${sumOf(facts) === 1 ? '1 fact needs' : `${sumOf(facts)} facts need`} attention: ${reasonsOf(facts)}.`] : []),
    ...(events.length > 0 ? [`${sumOf(events) === 1 ? '1 Stripe event' : `${sumOf(events)} Stripe events`} could not be read: ${reasonsOf(events)}.`] : [])
  ].join(' ')
}

function reasonsOf (attention: Attention[]): string {
  return attention.map(({ count, reason }) => `${count} ${reason ?? 'without a reason'}`).join(', ')
}

function sumOf (attention: Attention[]): number {
  return attention.reduce((sum, { count }) => sum + count, 0)
}

function withLink (text: string, operatorUrl: string | undefined): string {
  return operatorUrl === undefined ? text : `${text} ${operatorUrl}`
}
