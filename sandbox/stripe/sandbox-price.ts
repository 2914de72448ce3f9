/** A price for the catalogue of a stand-in, with its product's name. */
export interface SandboxPrice {
  id: string
  /** In the currency's smallest unit. */
  unitAmount: number
  currency: string
  productName: string
  /** Absent for a one-time price. */
  interval?: 'day' | 'week' | 'month' | 'year'
  intervalCount?: number
  active?: boolean
}
