import type { SqlExecutor } from '../database.js'
import { requireMethods, rowsOf, toParameters } from './statement.js'

/** A transaction of Prisma on PostgreSQL, as far as it is used. */
export interface PrismaTransaction {
  $queryRawUnsafe (query: string, ...values: unknown[]): PromiseLike<unknown>
}

/**
 * Lets `trackLead`, `trackSale` and `trackRefund` be part of a transaction of Prisma.
 * @param tx of `prisma.$transaction(async tx => ...)`
 */
export function fromPrisma (tx: PrismaTransaction): SqlExecutor {
  requireMethods(tx, ['$queryRawUnsafe'], 'fromPrisma takes an interactive transaction of Prisma: fromPrisma(tx).')
  return {
    async query (text, values) {
      return { rows: rowsOf(await tx.$queryRawUnsafe(text, ...toParameters(values))) }
    }
  }
}
