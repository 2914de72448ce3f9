/** A partner and their referral link. The link's code is what stands behind `?aff=`. */
export interface Partner {
  code: string
  /** Share of a sale that the partner earns: 0 to 1, taken to four decimals. */
  commissionRate: number
  /** Shares of the sales of some products, by product id, in place of `commissionRate`. */
  productRates?: Record<string, number>
  /**
   * `inactive`: clicks are answered 200 with `success: false`. `misconfigured`: clicks are refused,
   * and a sale of a customer that the partner brought before cannot get a commission.
   */
  status?: 'active' | 'inactive' | 'misconfigured'
  /** A partner of another program: what its clicks bring does not belong to the program of the key. */
  programId?: string
}

export interface ProgramOptions {
  programId: string
  /** The one Bearer token that is accepted. */
  apiKey: string
  /** Default: one active partner, code `TESTCODE`, commission rate 0.2. */
  partners?: Partner[]
  /** Days from a customer's first click in which sales are attributed. Default 60. */
  attributionWindowDays?: number
  /** Lifetime of the cookie, given with the answer to a click. Default 60. */
  cookieWindowDays?: number
  /** `server_required`: leads without Bearer are provisional. Default `optional`. */
  leadAuth?: 'optional' | 'server_required'
  /**
   * What a sale after the window is answered. Affitor's OpenAPI document (`not_attributed`, nothing
   * is stored; the default) and its page on sales (`without_commission`, the sale is stored) differ.
   */
  expiredSale?: 'not_attributed' | 'without_commission'
  now?: () => Date
}

export interface Program {
  id: string
  apiKey: string
  partners: ReadonlyMap<string, Partner>
  attributionWindowDays: number
  cookieWindowDays: number
  leadAuth: 'optional' | 'server_required'
  expiredSale: 'not_attributed' | 'without_commission'
  now: () => Date
}

const DEFAULT_PARTNERS: Partner[] = [{ code: 'TESTCODE', commissionRate: 0.2 }]

/**
 * Checks the options and fills in the defaults.
 * @throws TypeError that names the wrong option
 */
export function defineProgram (options: ProgramOptions): Program {
  const { programId, apiKey, partners = DEFAULT_PARTNERS, attributionWindowDays = 60, cookieWindowDays = 60 } = options
  if (programId.trim() === '') throw new TypeError('Affitor sandbox: programId is required')
  if (apiKey.trim() === '') throw new TypeError('Affitor sandbox: apiKey is required')
  for (const [name, days] of Object.entries({ attributionWindowDays, cookieWindowDays })) {
    if (!Number.isFinite(days) || days <= 0) throw new TypeError(`Affitor sandbox: ${name} must be above 0`)
  }
  return {
    id: programId,
    apiKey,
    partners: byCode(partners),
    attributionWindowDays,
    cookieWindowDays,
    leadAuth: options.leadAuth ?? 'optional',
    expiredSale: options.expiredSale ?? 'not_attributed',
    now: options.now ?? (() => new Date())
  }
}

/** Affitor's answers carry the program's id as a number. An id that is no number stays as it is. */
export function programIdOnTheWire (id: string): number | string {
  return /^\d{1,15}$/.test(id) ? Number(id) : id
}

function byCode (partners: Partner[]): Map<string, Partner> {
  const map = new Map<string, Partner>()
  for (const partner of partners) {
    if (partner.code.trim() === '') throw new TypeError('Affitor sandbox: a partner needs a code')
    if (map.has(partner.code)) throw new TypeError(`Affitor sandbox: two partners have the code ${partner.code}`)
    if (![partner.commissionRate, ...Object.values(partner.productRates ?? {})].every((rate) => rate >= 0 && rate <= 1)) {
      throw new TypeError(`Affitor sandbox: the commission rates of partner ${partner.code} must be from 0 to 1`)
    }
    map.set(partner.code, partner)
  }
  return map
}
