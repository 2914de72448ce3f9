import type { OpenedDatabase } from '../harness/databases.js'

/** What partitions by month would ask of the keys, tried on copies. */
const trials: Array<[what: string, statement: string]> = [
  ['facts, with their keys as they are', `
    create table trial (like affitor.tracking_events including all) partition by range (created_at)`],
  ['facts, with created_at in their keys', `
    create table facts (like affitor.tracking_events including defaults including constraints) partition by range (created_at);
    alter table facts add primary key (id, created_at);
    alter table facts add unique (kind, transaction_id, created_at);
    create table facts_1 partition of facts for values from ('2026-01-01') to ('2026-02-01');
    create table facts_2 partition of facts for values from ('2026-02-01') to ('2026-03-01')`],
  ['the same payment told in two months', `
    insert into facts select (jsonb_populate_record(null::facts, to_jsonb(event) || jsonb_build_object('created_at', month))).*
    from (select * from affitor.tracking_events where kind = 'sale' limit 1) event, unnest('{2026-01-15, 2026-02-15}'::text[]) month;
    do $$ begin if (select count(*) from facts) = 2 then raise exception 'it is two facts: taken twice'; end if; end $$`],
  ['attempts by finished_at, without their reference to facts', `
    create table attempts (like affitor.delivery_attempts including defaults) partition by range (finished_at);
    alter table attempts add primary key (id, finished_at);
    create index on attempts (tracking_event_id, id);
    create table attempts_old partition of attempts for values from (minvalue) to ('2026-02-01');
    create table attempts_new partition of attempts default`],
  ['... and all that is old, gone at once', 'insert into attempts select * from affitor.delivery_attempts; drop table attempts_old']
]

export async function tryPartitions (database: OpenedDatabase): Promise<string> {
  const lines: string[] = []
  await database.query('create schema scale_trial; set search_path = scale_trial, affitor')
  for (const [what, statement] of trials) {
    const begin = performance.now()
    const refusal = await database.query(statement).then(() => undefined, (error: unknown) => (error as Error).message)
    lines.push(`${what}: ${refusal ?? `taken, ${Math.round(performance.now() - begin)} ms`}`)
  }
  await database.query('drop schema scale_trial cascade')
  return `partitions by month:\n${lines.join('\n')}\n`
}
