import { createHash } from 'node:crypto'

/** Stands for a customer in logs and traces: the first 16 digits of the SHA-256 of the customer key. */
export function customerHash (customerKey: string): string {
  return createHash('sha256').update(customerKey).digest('hex').slice(0, 16)
}
