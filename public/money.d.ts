/**
 * How many decimals Stripe's amounts of a currency have: 2 for USD, none for VND.
 * @param currency ISO 4217 code, in any case of letters
 */
export function decimalsOf (currency: string): 0 | 2 | 3

/**
 * What an amount is in the currency's main unit: 49 for 4900 cents.
 * @param amount in the currency's smallest unit
 */
export function inMainUnit (amount: number, currency: string): number

/**
 * An amount as people read it: `$49.00`, `¥4,900`, `−€9.50`. What is not the code of a currency stands behind it.
 * @param amount in the currency's smallest unit
 * @param options.short without decimals where they are zeros: `$49`
 */
export function formatMoney (amount: number, currency: string, options?: { short?: boolean }): string

/**
 * An amount that a person typed, in the currency's smallest unit; null when it is none, or has too many decimals.
 * @param text such as `4.50`, or `4,50`
 */
export function parseMoney (text: string, currency: string): number | null
