// Without imports of its own: the control page in the browser is checked against these types too.

/** How far an event's delivery has come; `no_endpoint`: there was no webhook address when it happened. */
export type DeliveryState = 'held' | 'pending' | 'delivered' | 'failed' | 'no_endpoint'

/** What became of an event by the end of its first delivery attempt. */
export interface EmittedEvent {
  id: string
  type: string
  delivery: DeliveryState
  attempts: number
  /** The HTTP status of the last attempt's answer. */
  status: number | null
  error: string | null
}
