import { createHash } from 'node:crypto'
import type { CallLog } from './calls.js'
import type { Chain, Click, Commission, Customer, Lead, Records, Refund, Sale, TestEvent } from './records.js'

type New<T> = Omit<T, 'id'>

/**
 * What the stand-in has recorded, with the lookups that Affitor's endpoints make. The arrays are in
 * the order of recording; tests may read them, and write through the methods only.
 */
export class AffitorState {
  readonly records: Records
  readonly calls: CallLog
  readonly #customersByClickId = new Map<string, Customer>()
  readonly #customersByKey = new Map<string, Customer>()
  readonly #customersByEmail = new Map<string, Customer>()
  readonly #customersById = new Map<number, Customer>()
  readonly #salesByTransactionId = new Map<string, Sale>()
  readonly #testTransactionIds = new Set<string>()

  constructor (calls: CallLog, records: Records = emptyRecords()) {
    this.calls = calls
    this.records = records
    for (const customer of records.customers) this.#index(customer)
    for (const sale of records.sales) this.#salesByTransactionId.set(sale.transactionId, sale)
    for (const { transactionId } of records.testEvents) if (transactionId !== null) this.#testTransactionIds.add(transactionId)
  }

  get clicks (): readonly Click[] { return this.records.clicks }
  get customers (): readonly Customer[] { return this.records.customers }
  get leads (): readonly Lead[] { return this.records.leads }
  get sales (): readonly Sale[] { return this.records.sales }
  get commissions (): readonly Commission[] { return this.records.commissions }
  get refunds (): readonly Refund[] { return this.records.refunds }
  get testEvents (): readonly TestEvent[] { return this.records.testEvents }
  get chains (): readonly Chain[] { return this.records.chains }

  customerByClickId (clickId: string): Customer | undefined {
    return this.#customersByClickId.get(clickId)
  }

  customerByKey (customerKey: string): Customer | undefined {
    return this.#customersByKey.get(customerKey)
  }

  customerByEmail (email: string): Customer | undefined {
    return this.#customersByEmail.get(hashEmail(email))
  }

  customerById (id: number): Customer | undefined {
    return this.#customersById.get(id)
  }

  saleByTransactionId (transactionId: string): Sale | undefined {
    return this.#salesByTransactionId.get(transactionId)
  }

  commissionOf (sale: Sale): Commission | undefined {
    return sale.commissionId === null ? undefined : this.records.commissions[sale.commissionId - 1]
  }

  /** True for the transaction id of a sale or of a test sale: detection is global. */
  isTransactionIdUsed (transactionId: string): boolean {
    return this.#salesByTransactionId.has(transactionId) || this.#testTransactionIds.has(transactionId)
  }

  addCustomer (programId: string, partnerCode: string, at: Date): Customer {
    const id = this.#nextId('customers')
    const time = at.toISOString()
    const customer = append<Customer>(this.records.customers, {
      id,
      clickId: `cust_${id}_${at.getTime()}`,
      programId,
      partnerCode,
      status: 'click',
      customerKey: null,
      emailHash: null,
      firstClickAt: time,
      lastClickAt: time
    })
    this.#index(customer)
    return customer
  }

  /** The customer now goes by this key. Another customer that had it loses it: the last click wins. */
  bindKey (customer: Customer, customerKey: string): void {
    const former = this.#customersByKey.get(customerKey)
    if (former !== undefined) former.customerKey = null
    if (customer.customerKey !== null) this.#customersByKey.delete(customer.customerKey)
    customer.customerKey = customerKey
    this.#customersByKey.set(customerKey, customer)
  }

  /** Affitor stores the hash of an address, never the address. */
  bindEmail (customer: Customer, email: string): void {
    customer.emailHash = hashEmail(email)
    this.#customersByEmail.set(customer.emailHash, customer)
  }

  addClick (click: New<Click>): Click {
    return append(this.records.clicks, { id: this.#nextId('clicks'), ...click })
  }

  addLead (lead: New<Lead>): Lead {
    return append(this.records.leads, { id: this.#nextId('leads'), ...lead })
  }

  addSale (sale: New<Sale>): Sale {
    const added = append(this.records.sales, { id: this.#nextId('sales'), ...sale })
    this.#salesByTransactionId.set(added.transactionId, added)
    return added
  }

  addCommission (sale: Sale, commission: Omit<New<Commission>, 'saleId'>): Commission {
    const added = append(this.records.commissions, { id: this.#nextId('commissions'), saleId: sale.id, ...commission })
    sale.commissionId = added.id
    return added
  }

  addRefund (refund: New<Refund>): Refund {
    return append(this.records.refunds, { id: this.#nextId('refunds'), ...refund })
  }

  addTestEvent (event: New<TestEvent>): TestEvent {
    if (event.transactionId !== null) this.#testTransactionIds.add(event.transactionId)
    return append(this.records.testEvents, { id: this.#nextId('testEvents'), ...event })
  }

  addChain (chain: Chain): void {
    this.records.chains.push(chain)
  }

  /** Forgets everything, the log of calls included. */
  clear (): void {
    for (const list of Object.values(this.records)) list.length = 0
    const indexes = [
      this.#customersByClickId, this.#customersByKey, this.#customersByEmail, this.#customersById, this.#salesByTransactionId, this.#testTransactionIds
    ]
    for (const index of indexes) index.clear()
    this.calls.clear()
  }

  #nextId (list: keyof Records): number {
    // Records are never deleted one by one, so the length counts the ids given out.
    return this.records[list].length + 1
  }

  #index (customer: Customer): void {
    this.#customersById.set(customer.id, customer)
    this.#customersByClickId.set(customer.clickId, customer)
    if (customer.customerKey !== null) this.#customersByKey.set(customer.customerKey, customer)
    if (customer.emailHash !== null) this.#customersByEmail.set(customer.emailHash, customer)
  }
}

function append<T> (list: T[], record: T): T {
  list.push(record)
  return record
}

function hashEmail (email: string): string {
  return createHash('sha256').update(email.trim().toLowerCase()).digest('hex')
}

function emptyRecords (): Records {
  return { clicks: [], customers: [], leads: [], sales: [], commissions: [], refunds: [], testEvents: [], chains: [] }
}
