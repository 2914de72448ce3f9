import type { Attributes, Context, Span } from '@opentelemetry/api'
import { VERSION } from './version.js'

type Api = typeof import('@opentelemetry/api')

/** OpenTelemetry's API, if the app has it; without one nothing is traced, and nothing is done for it. */
let api: Api | undefined
let loading: Promise<void> | undefined

/** Resolves once the API is there, or known to be missing. It does nothing by itself: an app registers an SDK with it. */
export async function loadTracing (): Promise<void> {
  loading ??= import('@opentelemetry/api').then(found => { api = found }, () => {})
  await loading
}

export interface SpanOptions {
  name: string
  kind: 'producer' | 'consumer' | 'client'
  /** The trace that it goes on with; null: none is known. Absent: the one that runs, such as the request's. */
  parent?: string | null
  attributes: Attributes
}

export interface OpenSpan {
  /** W3C's `traceparent`, for what goes on with this span; undefined without a trace. */
  traceparent: string | undefined
  set (attributes: Attributes): void
  rename (name: string): void
  /** @param type a word for what went wrong, without a value of anybody's */
  fail (type: string): void
}

/** The span of what is stored for later, in a table that is a queue. */
export function acceptance (table: 'stripe_events' | 'tracking_events', attributes: Attributes): SpanOptions {
  return { name: `store ${table}`, kind: 'producer', attributes: { ...ofQueue(table, 'store', 'send'), ...attributes } }
}

/** The span of what is read of such a table, and goes on with the trace that is stored with it. */
export function processing (table: 'stripe_events' | 'tracking_events', parent: string | null, attributes: Attributes): SpanOptions {
  return { name: `interpret ${table}`, kind: 'consumer', parent, attributes: { ...ofQueue(table, 'interpret', 'process'), ...attributes } }
}

/** https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
function ofQueue (table: string, operation: string, type: 'send' | 'process'): Attributes {
  return {
    'messaging.system': 'fastify-affitor',
    'messaging.destination.name': table,
    'messaging.operation.name': operation,
    'messaging.operation.type': type
  }
}

const noSpan: OpenSpan = { traceparent: undefined, set () {}, rename () {}, fail () {} }

/** Does some work as a span; what throws fails it, without its message, which may quote what it is about. */
export async function inSpan<T> ({ name, kind, parent, attributes }: SpanOptions, work: (span: OpenSpan) => Promise<T>): Promise<T> {
  if (api === undefined) return await work(noSpan)
  const { context, SpanKind, SpanStatusCode, trace } = api
  const kinds = { producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER, client: SpanKind.CLIENT }
  const above = parent === undefined ? context.active() : contextOf(api, parent)
  const span = trace.getTracer('fastify-affitor', VERSION).startSpan(name, { kind: kinds[kind], attributes }, above)
  const fail = (type: string) => {
    span.setStatus({ code: SpanStatusCode.ERROR })
    span.setAttribute('error.type', type)
  }
  try {
    const open: OpenSpan = {
      traceparent: traceparentOf(api, span),
      set (more) { span.setAttributes(more) },
      rename (newName) { span.updateName(newName) },
      fail
    }
    return await context.with(trace.setSpan(above, span), () => work(open))
  } catch (error) {
    fail(error instanceof Error ? error.name : 'Error')
    throw error
  } finally {
    span.end()
  }
}

/** Id of the trace that runs, such as the request's; undefined without one. */
export function currentTraceId (): string | undefined {
  const span = api?.trace.getActiveSpan()
  return span !== undefined && api?.isSpanContextValid(span.spanContext()) === true ? span.spanContext().traceId : undefined
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** Id of the trace of a `traceparent`; undefined of none. */
export function traceIdOf (traceparent: string | null | undefined): string | undefined {
  return TRACEPARENT.exec(traceparent ?? '')?.[1]
}

function traceparentOf ({ isSpanContextValid }: Api, span: Span): string | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return isSpanContextValid(span.spanContext()) ? `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}` : undefined
}

function contextOf ({ ROOT_CONTEXT, trace }: Api, traceparent: string | null): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true })
}
