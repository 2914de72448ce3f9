import type Stripe from 'stripe'
import { visible } from './account.js'
import { expand } from './expand.js'
import type { SandboxContext } from './context.js'
import { invalidRequest, resourceMissing } from './errors.js'
import { apiList } from './objects/index.js'
import { readInteger, readObject, readString, refuseUnknown } from './params.js'
import type { Form } from './params.js'

const PAGINATION = ['limit', 'starting_after', 'ending_before', 'expand']
const RANGE = ['gt', 'gte', 'lt', 'lte']

/** A filter over the objects of a list. */
export type Filter<T> = (item: T) => boolean

/** What a list is made of. */
export interface ListOptions<T> {
  context: SandboxContext
  url: string
  query: Form
  /** Oldest first, as the state keeps them. */
  items: Iterable<T>
  /** The resource's name in error messages. */
  resource: string
  /** The names of further query parameters. */
  filters: readonly string[]
  matches: Filter<T>
}

/** Answers a list request: newest first, paged as docs.stripe.com/api/pagination has it. */
export function listPage<T extends { id: string }> (options: ListOptions<T>): Stripe.ApiList<T> {
  const { query } = options
  refuseUnknown(query, [...PAGINATION, ...options.filters])
  const page = pageOf(query, [...options.items].reverse(), options.resource, (item) => visible(options.context.state, item.id) && options.matches(item))
  return expand(options.context, apiList(options.url, page.data, page.hasMore), query)
}

/** Answers a request for the lines of an object: in their order, paged. */
export function linesPage<T extends { id: string }> (url: string, query: Form, lines: T[]): Stripe.ApiList<T> {
  refuseUnknown(query, PAGINATION)
  const page = pageOf(query, lines, 'line_item', () => true)
  return apiList(url, page.data, page.hasMore)
}

function pageOf<T extends { id: string }> (query: Form, all: T[], resource: string, matches: Filter<T>): { data: T[], hasMore: boolean } {
  const limit = readInteger(query, 'limit', { min: 1, max: 100 }) ?? 10
  const after = readString(query, 'starting_after')
  const before = readString(query, 'ending_before')
  if (after !== undefined && before !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: ending_before, starting_after.')
  }
  const position = (id: string, param: string): number => {
    const index = all.findIndex((item) => item.id === id)
    if (index < 0) throw resourceMissing(resource, id, param)
    return index
  }
  let rest = all
  if (after !== undefined) rest = all.slice(position(after, 'starting_after') + 1)
  if (before !== undefined) rest = all.slice(0, position(before, 'ending_before'))
  const matching = rest.filter(matches)
  const data = before === undefined ? matching.slice(0, limit) : matching.slice(-limit)
  return { data, hasMore: matching.length > data.length }
}

/** A filter by `created`, a timestamp or a range of them. */
export function createdFilter (query: Form): Filter<{ created: number }> {
  if (query.created === undefined) return () => true
  if (typeof query.created === 'string') {
    const exact = readInteger(query, 'created')
    return ({ created }) => created === exact
  }
  const range = readObject(query, 'created') ?? {}
  refuseUnknown(range, RANGE, 'created')
  const bound = (name: string): number | undefined => readInteger(range, name, { parent: 'created' })
  const [gt, gte, lt, lte] = [bound('gt'), bound('gte'), bound('lt'), bound('lte')]
  return ({ created }) => (gt === undefined || created > gt) && (gte === undefined || created >= gte) &&
    (lt === undefined || created < lt) && (lte === undefined || created <= lte)
}
