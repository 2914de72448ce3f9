import type pg from 'pg'
import { addressOf } from '../../db/migrate.js'
import { OtherPurposeError } from '../../ledger/purpose.js'
import { serviceMigrations } from './migrations.js'

// What an extension brought is nobody's data.
const RELATIONS = `
  select n.nspname || '.' || c.relname as path
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'v', 'm') and n.nspname <> all ($1) and n.nspname !~ '^pg_'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by 1`

/**
 * The sandbox does not move in with another program, whose database was meant for something else.
 * @param elsewhere where else the data could be, in a sentence
 * @throws {OtherPurposeError}
 */
export async function refuseNeighbours (client: pg.ClientBase, elsewhere: string): Promise<void> {
  const { rows } = await client.query<{ path: string }>(RELATIONS, [['information_schema', 'affitor', serviceMigrations.schema]])
  if (rows.length === 0) return
  throw new OtherPurposeError(`The database ${addressOf(client)} holds what is not this program's (${rows.slice(0, 3).map(({ path }) => path).join(', ')}` +
    `${rows.length > 3 ? ', ...' : ''}), so the sandbox leaves it alone. ${elsewhere}`)
}
