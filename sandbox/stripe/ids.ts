import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A random string of Stripe's id alphabet. */
export function randomText (length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // Bytes past the last whole multiple of 62 would favour the first letters.
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62]
    }
  }
  return text
}

/** A new object id as Stripe makes them: `newId('pi_3')` -> `pi_3...`, 24 characters after the prefix's underscore. */
export function newId (prefix: string, length = 24): string {
  const rest = length - (prefix.length - prefix.indexOf('_') - 1)
  return prefix + randomText(rest)
}

/** The present time in whole seconds, the unit of every Stripe timestamp. */
export function unixSeconds (date: Date = new Date()): number {
  return Math.floor(date.getTime() / 1000)
}
