import { paymentsOf } from './flows/invoice.js'
import { paidOffStripe } from './flows/out-of-band.js'
import type { SandboxContext } from './context.js'
import { invalidRequest } from './errors.js'
import { apiList, firstLines, withFirstLines } from './objects/index.js'
import { asForm, readList } from './params.js'
import { snapshot } from './state.js'

type Plain = Record<string, unknown>

/**
 * A copy of an answer with the properties named by `expand[]` filled in (docs.stripe.com/expand).
 * @throws StripeSandboxError when a property cannot be expanded.
 */
export function expand<T extends object> (context: SandboxContext, answer: T, params: unknown): T {
  const paths = readList(asForm(params), 'expand') ?? []
  if (paths.length === 0) return answer
  const copy = snapshot(answer)
  for (const path of paths) {
    if (typeof path !== 'string') throw invalidRequest('Invalid string', 'expand')
    expandPath(context, copy, path.split('.'), path)
  }
  return copy
}

function expandPath (context: SandboxContext, target: unknown, steps: string[], path: string): void {
  const [step, ...rest] = steps
  if (step === undefined || target === null) return
  if (!isPlain(target)) throw notExpandable(path)
  if (step === 'data' && Array.isArray(target.data)) {
    for (const item of target.data) expandPath(context, item, rest, path)
    return
  }
  const value = Object.hasOwn(target, step) ? target[step] : undefined
  if (typeof value === 'string') {
    const found = find(context, value)
    if (found === undefined) throw notExpandable(path)
    target[step] = snapshot(withFirstLines(found))
  } else if (value === undefined) {
    const included = include(context, target, step)
    if (included === undefined) throw notExpandable(path)
    target[step] = snapshot(included)
  }
  expandPath(context, target[step], rest, path)
}

/** Properties that an object carries only when asked. */
function include (context: SandboxContext, target: Plain, property: string): unknown {
  const id = String(target.id)
  const { state } = context
  if (target.object === 'checkout.session' && property === 'line_items') {
    return firstLines(`/v1/checkout/sessions/${id}/line_items`, state.drafts.get(id)?.lineItems ?? [])
  }
  if (target.object === 'quote' && property === 'line_items') {
    return firstLines(`/v1/quotes/${id}/line_items`, state.quoteItems.get(id)?.lineItems ?? [])
  }
  if (target.object === 'invoice' && property === 'payments') {
    return apiList(`/v1/invoices/${id}/payments`, paymentsOf(context, id))
  }
  // docs.stripe.com/changelog/dahlia/2026-05-27/invoice-object-amount-paid-off-stripe-property
  if (target.object === 'invoice' && property === 'amount_paid_off_stripe') return paidOffStripe(context, id)
  if (target.object === 'charge' && property === 'refunds') {
    return apiList(`/v1/charges/${id}/refunds`, [...state.refunds.values()].filter((one) => one.charge === id).reverse())
  }
  return undefined
}

function find ({ state }: SandboxContext, id: string): object | undefined {
  return state.products.get(id) ?? state.prices.get(id) ?? state.customers.get(id) ?? state.sessions.get(id) ??
    state.subscriptions.get(id) ?? state.invoices.get(id) ?? state.paymentIntents.get(id) ?? state.charges.get(id) ??
    state.refunds.get(id) ?? state.balanceTransactions.get(id) ??
    state.invoiceItems.get(id) ?? state.quotes.get(id) ?? state.creditNotes.get(id)
}

function isPlain (value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function notExpandable (path: string): Error {
  return invalidRequest(`This property cannot be expanded (${path}).`, 'expand')
}
