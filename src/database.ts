/**
 * What `trackLead`, `trackSale` and `trackRefund` are called in: anything that runs a statement with `$1` parameters,
 * such as a `pg` client in a transaction. For other libraries there are adapters: `fromDrizzle`, `fromPrisma`,
 * `fromKnex`, `fromKysely`.
 */
export interface SqlExecutor {
  /** @param text one statement, its parameters as `$1`, `$2`, ... */
  query (text: string, values: unknown[]): Promise<{ rows: unknown[] }>
}
