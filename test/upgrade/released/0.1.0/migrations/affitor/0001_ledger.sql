comment on schema affitor is
  'Attribution facts (leads, sales, refunds) on their way to Affitor: fastify-affitor. Report facts by affitor.track_lead, affitor.track_sale and affitor.track_refund, in your own transaction.';

-- What the database is for ------------------------------------------------------------------------------------------

create table affitor.installation (
  id integer primary key default 1 constraint installation_is_one_row check (id = 1),
  mode text not null constraint installation_mode check (mode in ('sandbox', 'live')),
  affitor_program_id text not null,
  stripe_livemode boolean not null,
  created_at timestamptz not null default now()
);
comment on table affitor.installation is 'One row: what the database is for. A start for anything else is refused.';
comment on column affitor.installation.stripe_livemode is 'Whether the Stripe key is a live one.';

-- Ids and keys are compared byte by byte (collate "C"), so that the beginning of one is found by index.

-- The inbox ---------------------------------------------------------------------------------------------------------

-- Half of each page stays free for what a claim changes of its rows: so no index has to be changed with it.
create table affitor.stripe_events (
  id text primary key,
  seq bigint not null generated always as identity constraint stripe_events_seq_key unique,
  type text not null,
  api_version text,
  livemode boolean not null,
  created timestamptz not null,
  payload text not null,
  received_at timestamptz not null default now(),
  state text not null default 'received'
    constraint stripe_events_state check (state in ('received', 'interpreted', 'ignored', 'parked', 'failed')),
  reason text,
  waiting_for text[],
  parked_since timestamptz,
  customer_key text collate "C",
  attempts integer not null default 0,
  next_attempt_at timestamptz default now(),
  leased_until timestamptz,
  leased_by text,
  last_error text,
  attention_since timestamptz,
  resolved_at timestamptz,
  traceparent text
) with (fillfactor = 50);
comment on table affitor.stripe_events is 'The inbox: every Stripe event of a type that is needed, as it was signed.';
comment on column affitor.stripe_events.seq is 'Order of arrival.';
comment on column affitor.stripe_events.payload is
  'JSON, kept as text: jsonb refuses the escape \u0000 and json deep nesting, and a signed event may contain either.';
comment on column affitor.stripe_events.reason is 'Why it is in this state; the words for it are in GET /api/tracking/stripe-events.';
comment on column affitor.stripe_events.waiting_for is
  'What would make a difference: ids of Stripe objects or sales, and customer:KEY, the lead of a customer.';
comment on column affitor.stripe_events.parked_since is 'Since when it is parked: it is given up by this, not by its age.';
comment on column affitor.stripe_events.customer_key is 'Whose event it turned out to be.';
comment on column affitor.stripe_events.leased_until is 'Until when the worker of leased_by has it in hand.';
comment on column affitor.stripe_events.attention_since is 'Since when it needs attention, whatever was tried meanwhile.';
comment on column affitor.stripe_events.resolved_at is 'When a person said that it is dealt with; affitor.operator_actions has who and how.';

comment on column affitor.stripe_events.traceparent is 'The trace of the request that brought it, as W3C''s Trace Context writes it.';

create index stripe_events_due on affitor.stripe_events (next_attempt_at, seq) where state in ('received', 'parked');
create index stripe_events_waiting_for on affitor.stripe_events using gin (waiting_for) with (fastupdate = false) where waiting_for is not null;
create index stripe_events_customer on affitor.stripe_events (customer_key, created) where customer_key is not null;
create index stripe_events_state_seq on affitor.stripe_events (state, seq);
create index stripe_events_reason on affitor.stripe_events (reason, seq) where reason is not null;
create index stripe_events_attention on affitor.stripe_events (reason) where state = 'failed' and resolved_at is null;
create index stripe_events_resolved on affitor.stripe_events (seq) where resolved_at is not null;
create index stripe_events_final on affitor.stripe_events (received_at) where state in ('interpreted', 'ignored');

-- The ledger --------------------------------------------------------------------------------------------------------

create function affitor.is_text(value jsonb, longest integer default null) returns boolean
language sql immutable as $$
  select coalesce(jsonb_typeof(value) = 'string' and char_length(value #>> '{}') <= coalesce(longest, char_length(value #>> '{}')), false)
$$;
comment on function affitor.is_text is 'Whether a JSON value is a text of at most so many characters.';

create function affitor.is_amount(value jsonb) returns boolean
language sql immutable as $$
  select case when jsonb_typeof(value) = 'number'
    then value::numeric between 1 and 9007199254740991 and value::numeric = trunc(value::numeric)
    else false end
$$;
comment on function affitor.is_amount is 'Whether a JSON value is an amount: an integer above 0, in the currency''s smallest unit, that every JSON parser reads exactly.';

-- Half of each page stays free, as in the inbox.
create table affitor.tracking_events (
  id bigint primary key generated always as identity,
  kind text not null constraint tracking_events_kind check (kind in ('lead', 'sale', 'refund')),
  transaction_id text collate "C" not null constraint tracking_events_transaction_id check (char_length(transaction_id) between 1 and 255),
  sale_transaction_id text collate "C" constraint tracking_events_sale_transaction_id check (char_length(sale_transaction_id) between 1 and 255),
  customer_key text collate "C" not null constraint tracking_events_customer_key check (char_length(customer_key) between 1 and 200),
  payload jsonb not null,
  source text not null,
  occurred_at timestamptz not null default now(),
  state text not null default 'pending' constraint tracking_events_state
    check (state in ('pending', 'delivered', 'unattributed', 'rejected', 'needs_attention', 'skipped')),
  reason text,
  attempts integer not null default 0,
  next_attempt_at timestamptz default now(),
  give_up_at timestamptz,
  refused_at timestamptz,
  leased_until timestamptz,
  leased_by text,
  last_status integer,
  last_error text,
  response jsonb,
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  attention_since timestamptz,
  resolved_at timestamptz,
  traceparent text,
  constraint tracking_events_kind_transaction_id_key unique (kind, transaction_id),
  -- Payloads of other versions are not ours to judge.
  constraint tracking_events_lead_payload check (case when kind = 'lead' and payload->'v' = '1' then
    payload - '{v,clickId,email}'::text[] = '{}'
    and (not payload ? 'clickId' or affitor.is_text(payload->'clickId', 255))
    and (not payload ? 'email' or affitor.is_text(payload->'email', 254))
    else true end),
  constraint tracking_events_sale_payload check (case when kind = 'sale' and payload->'v' = '1' then
    payload - '{v,amountCents,currency,saleType,isRecurring,paidCents,clickId,subscriptionId,subscriptionInterval,productId,productNote}'::text[] = '{}'
    and affitor.is_amount(payload->'amountCents')
    and affitor.is_text(payload->'currency') and payload->>'currency' ~ '^[A-Z]{3}$'
    and coalesce(payload->>'saleType' in ('payment', 'subscription'), false)
    and coalesce(jsonb_typeof(payload->'isRecurring') = 'boolean', false)
    and (not payload ? 'paidCents' or affitor.is_amount(payload->'paidCents'))
    and (not payload ? 'clickId' or affitor.is_text(payload->'clickId', 255))
    and (not payload ? 'subscriptionId' or affitor.is_text(payload->'subscriptionId', 255))
    and (not payload ? 'subscriptionInterval' or coalesce(payload->>'subscriptionInterval' in ('monthly', 'quarterly', 'annual'), false))
    and (not payload ? 'productId' or affitor.is_text(payload->'productId', 255))
    and (not payload ? 'productNote' or coalesce(not payload ? 'productId' and payload->>'productNote' in ('several_products', 'no_product'), false))
    else true end),
  constraint tracking_events_refund_payload check (case when kind = 'refund' and payload->'v' = '1' then
    payload - '{v,amountCents,currency,full,refundReason}'::text[] = '{}'
    and affitor.is_amount(payload->'amountCents')
    and affitor.is_text(payload->'currency') and payload->>'currency' ~ '^[A-Z]{3}$'
    and coalesce(jsonb_typeof(payload->'full') = 'boolean', false)
    and (not payload ? 'refundReason' or affitor.is_text(payload->'refundReason'))
    else true end)
) with (fillfactor = 50);
comment on table affitor.tracking_events is
  'The ledger: one row a fact, unique by kind and transaction id, delivered to Affitor in order of id per customer. Facts are added by affitor.add_facts alone, which keeps that order.';
comment on column affitor.tracking_events.transaction_id is
  'Unique for its kind: a lead''s customer key, a sale''s Checkout Session or invoice, a refund''s own id.';
comment on column affitor.tracking_events.customer_key is 'The app''s own id of the user, as Affitor and Stripe know it.';
comment on column affitor.tracking_events.source is 'Where the fact comes from: a Stripe event id, signup, api or sql.';
comment on column affitor.tracking_events.occurred_at is 'When it happened, by Stripe''s clock for payments and refunds.';
comment on column affitor.tracking_events.give_up_at is 'When retrying ends and a person must look; set at the first attempt.';
comment on column affitor.tracking_events.refused_at is 'When Affitor last answered 401 to it and delivery paused.';
comment on column affitor.tracking_events.leased_until is 'Until when the worker of leased_by has it in hand.';
comment on column affitor.tracking_events.last_status is 'HTTP status of Affitor''s last answer; 0 when there was none.';
comment on column affitor.tracking_events.attention_since is 'Since when it needs attention, whatever was tried meanwhile.';
comment on column affitor.tracking_events.resolved_at is 'When a person said that it is dealt with; affitor.operator_actions has who and how.';

comment on column affitor.tracking_events.traceparent is 'The trace of what brought it, as W3C''s Trace Context writes it: its deliveries go on with that.';

create index tracking_events_due on affitor.tracking_events (next_attempt_at, id) where state = 'pending';
create index tracking_events_pending_of_customer on affitor.tracking_events (customer_key, id) where state = 'pending';
create index tracking_events_customer on affitor.tracking_events (customer_key, id);
create index tracking_events_state_id on affitor.tracking_events (state, id);
create index tracking_events_occurred on affitor.tracking_events (occurred_at);
create index tracking_events_refunds_of_sale on affitor.tracking_events (sale_transaction_id) where kind = 'refund';
create index tracking_events_reason on affitor.tracking_events (reason, id) where reason is not null;
create index tracking_events_attention on affitor.tracking_events (reason) where state = 'needs_attention' and resolved_at is null;
create index tracking_events_resolved on affitor.tracking_events (id) where resolved_at is not null;
create index tracking_events_email on affitor.tracking_events (lower(payload->>'email') text_pattern_ops) where kind = 'lead' and payload ? 'email';
create index tracking_events_click on affitor.tracking_events ((payload->>'clickId')) where payload ? 'clickId';

create function affitor.note_attention() returns trigger
language plpgsql as $$
begin
  if new.state = tg_argv[0] then
    new.attention_since := coalesce(new.attention_since, now());
  elsif new.state <> all(tg_argv[1:]) then
    new.attention_since := null;
  end if;
  if tg_op = 'UPDATE' then
    if (new.state, new.reason) is distinct from (old.state, old.reason) then
      new.resolved_at := null;
    end if;
  end if;
  return new;
end
$$;
comment on function affitor.note_attention is
  'Keeps attention_since and resolved_at. Its arguments: the state that needs a person, then those in which another try is under way.';

create trigger note_attention before insert or update of state, reason on affitor.tracking_events for each row
  when (new.state = 'needs_attention' or new.attention_since is not null or new.resolved_at is not null)
  execute function affitor.note_attention('needs_attention', 'pending');
create trigger note_attention before insert or update of state, reason on affitor.stripe_events for each row
  when (new.state = 'failed' or new.attention_since is not null or new.resolved_at is not null)
  execute function affitor.note_attention('failed', 'received', 'parked');

create table affitor.delivery_attempts (
  id bigint primary key generated always as identity,
  tracking_event_id bigint not null references affitor.tracking_events on delete cascade,
  attempt integer not null,
  status integer not null,
  error text,
  duration_ms integer not null,
  finished_at timestamptz not null default now()
);
comment on table affitor.delivery_attempts is 'Every call to Affitor that had an answer, or none.';
comment on column affitor.delivery_attempts.status is 'HTTP status; 0 when no answer came.';
create index delivery_attempts_tracking_event on affitor.delivery_attempts (tracking_event_id, id);
create index delivery_attempts_finished on affitor.delivery_attempts (finished_at);

create table affitor.delivery_pauses (
  id integer primary key default 1 constraint delivery_pauses_is_one_row check (id = 1),
  reason text not null,
  failures integer not null default 1,
  since timestamptz not null default now(),
  until timestamptz not null
);
comment on table affitor.delivery_pauses is 'At most one row: delivery waits because Affitor refuses the API key.';

create table affitor.operator_actions (
  id bigint primary key generated always as identity,
  tracking_event_id bigint references affitor.tracking_events on delete cascade,
  stripe_event_id text references affitor.stripe_events on delete cascade,
  customer_key text collate "C",
  action text not null constraint operator_actions_action
    check (action in ('retry', 'hold', 'resolve', 'reopen', 'delete_personal_data')),
  note text,
  done_by text,
  done_at timestamptz not null default now()
);
comment on table affitor.operator_actions is 'What people did about facts, Stripe events and customers, and who.';
create index operator_actions_tracking_event on affitor.operator_actions (tracking_event_id, id) where tracking_event_id is not null;
create index operator_actions_stripe_event on affitor.operator_actions (stripe_event_id, id) where stripe_event_id is not null;
create index operator_actions_customer on affitor.operator_actions (customer_key, id) where customer_key is not null;

create table affitor.workers (
  owner text primary key,
  lock_key integer not null,
  seen_at timestamptz not null default now()
);
comment on table affitor.workers is
  'Worker processes, each with the advisory lock that its session holds for as long as it lives. Once the lock is free, the leases of its owner (leased_by) are ended. A worker whose session is not its own, behind a pooler, is not here: its leases last until their end.';
comment on column affitor.workers.lock_key is 'Second key of the lock; the first one is 1634100841.';
comment on column affitor.workers.seen_at is 'When it last said by another connection that it lives; it does so only while it has no lock.';

create table affitor.alerts (
  cause text primary key constraint alerts_cause check (cause in ('attention', 'delivery_paused', 'delivery_late')),
  told text not null default 'over' constraint alerts_told check (told in ('raised', 'over')),
  since timestamptz,
  raised_at timestamptz,
  failures integer not null default 0,
  next_at timestamptz not null
);
comment on table affitor.alerts is 'What ALERT_WEBHOOK_URL was told, by cause: at most one message an hour while a cause lasts, and one when it is over.';
comment on column affitor.alerts.told is 'What the receiver knows.';
comment on column affitor.alerts.since is 'Of the last message: since when the cause lasted.';
comment on column affitor.alerts.raised_at is 'When the receiver last took the message that the cause lasts.';
comment on column affitor.alerts.failures is 'How often in a row the receiver did not take a message.';
comment on column affitor.alerts.next_at is 'When the next attempt may be made: later while a process makes one, and after one that failed.';

create table affitor.forgotten_customers (
  customer_key text collate "C" primary key,
  forgotten_at timestamptz not null default now()
);
comment on table affitor.forgotten_customers is
  'Customers whose personal data was deleted: of what still comes of them, none is kept. Only the key is here, as in the facts.';

-- What is known of Stripe's objects ---------------------------------------------------------------------------------

create table affitor.checkout_sessions (
  id text primary key,
  customer_key text collate "C" not null,
  price_id text not null,
  mode text not null,
  quantity integer not null,
  created_at timestamptz not null default now()
);
comment on table affitor.checkout_sessions is 'Checkout Sessions that were created for customers: whether they were paid, Stripe''s events tell.';
create index checkout_sessions_customer on affitor.checkout_sessions (customer_key, created_at);
create index checkout_sessions_created on affitor.checkout_sessions (created_at);

create table affitor.sale_references (
  reference text collate "C" not null,
  sale_transaction_id text collate "C" not null,
  primary key (reference, sale_transaction_id)
);
comment on table affitor.sale_references is
  'Stripe objects (cs_, in_, pi_, sub_) that belong to a sale: refunds name a payment intent, sales a session or invoice.';
create index sale_references_sale on affitor.sale_references (sale_transaction_id);

create table affitor.customer_references (
  reference text collate "C" primary key,
  customer_key text collate "C" not null,
  livemode boolean not null,
  reusable boolean not null default false,
  since timestamptz not null
);
comment on table affitor.customer_references is 'Whose a Stripe customer or subscription is, learned from what carried our metadata.';
comment on column affitor.customer_references.reusable is
  'Whether a checkout may send this customer to Stripe as this Stripe customer: a Checkout Session of ours made the bond.';
comment on column affitor.customer_references.since is 'The earliest time of which this is known: what was paid before may have been somebody else''s.';
create index customer_references_customer on affitor.customer_references (customer_key);

create table affitor.arrivals (
  id bigint primary key generated always as identity,
  reference text collate "C" not null
);
comment on table affitor.arrivals is
  'What has just become known, for a second or so: Stripe events whose waiting_for names it are read again, and the row is deleted. Rows are only added where facts are, so an open transaction that adds some keeps no worker from its events.';

-- What reports count ------------------------------------------------------------------------------------------------

create table affitor.tallied_blocks (
  source text not null,
  block bigint not null,
  primary key (source, block)
);
comment on table affitor.tallied_blocks is
  'Blocks of rows that are counted in tallies: 4,096 facts by id or Stripe events by seq, none of which waits for anything, and days of Checkout Sessions. Reports count the rows of all other blocks, and of those in recounts.';

create table affitor.tallies (
  source text not null,
  block bigint not null,
  kind text,
  state text,
  hour timestamptz,
  currency text,
  cents bigint,
  referred boolean,
  count integer not null
);
comment on table affitor.tallies is
  'How many rows of a block are alike. Without an hour: of all times, by kind and state. With one: of the last 31 days, with what the funnel tells apart. Made from the rows: whoever changes what counts empties tallied_blocks, tallies and recounts.';
comment on column affitor.tallies.currency is 'Of a sale or refund that counts; null of one that does not.';
comment on column affitor.tallies.cents is 'Amount of each of them, in the currency''s smallest unit.';
create index tallies_block on affitor.tallies (source, block);
create index tallies_hour on affitor.tallies (source, hour);

create table affitor.recounts (
  source text not null,
  block bigint not null,
  xid bigint not null default txid_current(),
  primary key (source, block, xid)
);
comment on table affitor.recounts is
  'Blocks of which a row changed after it was settled, by the transaction that changed it. A mark goes when its block is counted by a statement that sees it, and so sees the change: rows are only added, so nobody waits for the counting, and no change is missed.';

create function affitor.recount() returns trigger
language plpgsql as $$
declare
  changed bigint;
begin
  if tg_op = 'TRUNCATE' then
    delete from affitor.tallied_blocks where source = tg_table_name;
    delete from affitor.tallies where source = tg_table_name;
    return null;
  elsif tg_table_name = 'tracking_events' then
    changed := old.id >> 12;
  elsif tg_table_name = 'stripe_events' then
    changed := old.seq >> 12;
  else
    changed := floor(extract(epoch from old.created_at) / 86400);
  end if;
  insert into affitor.recounts (source, block) values (tg_table_name, changed) on conflict do nothing;
  return null;
end
$$;
comment on function affitor.recount is 'Has the block of a row counted again; of a table that was emptied, all.';
-- Not of what waits, which is in no block that is counted: claims and settlements pay for a comparison, no more.
create trigger tracking_events_recount after update or delete on affitor.tracking_events
  for each row when (old.state <> 'pending') execute function affitor.recount();
create trigger stripe_events_recount after update or delete on affitor.stripe_events
  for each row when (old.state not in ('received', 'parked')) execute function affitor.recount();
create trigger checkout_sessions_recount after update or delete on affitor.checkout_sessions
  for each row execute function affitor.recount();
create trigger tracking_events_emptied after truncate on affitor.tracking_events execute function affitor.recount();
create trigger stripe_events_emptied after truncate on affitor.stripe_events execute function affitor.recount();
create trigger checkout_sessions_emptied after truncate on affitor.checkout_sessions execute function affitor.recount();

create function affitor.open_blocks(source text, first bigint, last bigint) returns setof bigint
language plpgsql stable rows 3 as $$
begin
  return query select block from generate_series(first, last) block
    where not exists (select from affitor.tallied_blocks tallied where tallied.source = open_blocks.source and tallied.block = block.block)
      or exists (select from affitor.recounts recount where recount.source = open_blocks.source and recount.block = block.block);
end
$$;
comment on function affitor.open_blocks is 'Blocks whose rows reports count themselves. A function, so that the planner expects the few that there are.';

-- Facts -------------------------------------------------------------------------------------------------------------

create function affitor.lead_of(customer_key text) returns text
language sql immutable as $$ select 'customer:' || customer_key $$;
comment on function affitor.lead_of is 'How waiting_for names the lead of a customer; no Stripe id has a colon.';

create function affitor.came_back(reason text) returns boolean
language sql immutable as $$
  select coalesce(reason in ('refund_failed', 'refund_failed_after_sent', 'credit_note_voided', 'credit_note_voided_after_sent',
    'dispute_won', 'dispute_won_after_reversal'), false)
$$;
comment on function affitor.came_back is 'Whether a refund of this reason gave nothing back in the end: its money came back to us.';

create function affitor.lock_customers(customer_keys text[]) returns void
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('customer ' || key, 0))
  from (select distinct unnest(customer_keys) collate "C" as key order by 1) customer;
end
$$;
comment on function affitor.lock_customers is
  'Waits until no other transaction adds facts of these customers, and keeps others from it until this one ends; in one order everywhere, so that two that share several cannot wait for each other.';

create function affitor.without_personal_data(payload jsonb) returns jsonb
language sql immutable as $$
  -- Stripe's reasons of refunds are single words; others may be anybody's sentence.
  select case when payload->>'refundReason' !~ '^[a-z_]+$' then payload - 'refundReason' else payload end - '{email,clickId}'::text[]
$$;
comment on function affitor.without_personal_data is 'The payload of a fact without what tells who the customer is: e-mail, click and what a person wrote.';

create function affitor.add_facts(facts jsonb)
returns table (id bigint, kind text, transaction_id text, state text, created boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  added bigint[];
begin
  -- Ids are handed out before they are committed. Without the lock, a later fact of a customer could become visible,
  -- and be sent, before an earlier one.
  perform affitor.lock_customers(array(select fact->>'customerKey' from jsonb_array_elements(facts) fact));
  with inserted as (
    insert into affitor.tracking_events (
      kind, transaction_id, sale_transaction_id, customer_key, payload, source, occurred_at, state, reason, settled_at, next_attempt_at,
      traceparent)
    select fact->>'kind', fact->>'transactionId', fact->>'saleTransactionId', fact->>'customerKey',
      case when exists (select from affitor.forgotten_customers forgotten where forgotten.customer_key = fact->>'customerKey')
        then affitor.without_personal_data(fact->'payload') else fact->'payload' end, fact->>'source',
      coalesce((fact->>'occurredAt')::timestamptz, now()),
      coalesce(fact->>'state', 'pending'), fact->>'reason', case when fact ? 'state' then now() end,
      -- A fact whose customer has an earlier one that waits for another attempt is due with that one: a look for work
      -- would only pass over it again and again.
      case when not fact ? 'state' then greatest(now(), (
        select max(earlier.next_attempt_at) from affitor.tracking_events earlier
        where earlier.customer_key = fact->>'customerKey' and earlier.state = 'pending')) end,
      fact->>'traceparent'
    from jsonb_array_elements(facts) with ordinality as each (fact, position)
    order by position
    on conflict (kind, transaction_id) do nothing
    returning id, kind, transaction_id
  ), told as (
    -- An update of what waits would hold its rows for as long as the caller's transaction is open. And it would miss
    -- what a transaction of repeatable reads cannot see.
    insert into affitor.arrivals (reference)
    select case kind when 'lead' then affitor.lead_of(transaction_id) else transaction_id end
    from inserted where kind in ('lead', 'sale')
  )
  select array_agg(inserted.id) into added from inserted;
  return query
    select stored.id, stored.kind, stored.transaction_id, stored.state, stored.id = any (coalesce(added, '{}'))
    from jsonb_array_elements(facts) with ordinality as each (fact, position), lateral (
      select event.id, event.kind, event.transaction_id, event.state from affitor.tracking_events event
      where event.kind = fact->>'kind' and event.transaction_id = fact->>'transactionId' limit 1) stored
    order by position;
end
$$;
comment on function affitor.add_facts is
  'Adds facts to the ledger, in order, in the caller''s transaction: the one way in. A fact that is there already is left as it is. facts: an array of { kind, transactionId, saleTransactionId, customerKey, payload, source, occurredAt, state, reason, traceparent }; state and reason only of one that is not to be sent. Nobody is notified: PostgreSQL makes the commits of transactions that notify wait for each other. Workers look by themselves every second; who wants them to look at once notifies the channel fastify_affitor of tracking_events after the commit.';

create function affitor.require(ok boolean, sentence text) returns void
language plpgsql immutable as $$
begin
  if ok is not true then raise exception using errcode = '22023', message = sentence; end if;
end
$$;
comment on function affitor.require is 'Refuses an argument (invalid_parameter_value) in a sentence.';

create function affitor.require_time(called text, occurred_at timestamptz) returns void
language plpgsql stable as $$
begin
  perform affitor.require(occurred_at between now() - interval '400 days' and now() + interval '5 minutes',
    called || ': occurred_at must be at most 400 days back and at most 5 minutes ahead');
end
$$;
comment on function affitor.require_time is 'Refuses a time that no clock made: further back than 400 days, or more than 5 minutes ahead.';

create function affitor.track_lead(customer_key text, email text default null, click_id text default null, source text default 'sql',
  traceparent text default null)
returns table (id bigint, state text, created boolean)
language plpgsql as $$
begin
  perform affitor.require(char_length(customer_key) between 1 and 200, 'affitor.track_lead: customer_key must be a text of 1 to 200 characters');
  perform affitor.require(char_length(coalesce(email, '')) <= 254, 'affitor.track_lead: email must be a text of at most 254 characters');
  perform affitor.require(char_length(coalesce(click_id, '')) <= 255, 'affitor.track_lead: click_id must be a text of at most 255 characters');
  perform affitor.require(source <> '', 'affitor.track_lead: source must be a text');
  return query select fact.id, fact.state, fact.created from affitor.add_facts(jsonb_build_array(jsonb_build_object(
    'kind', 'lead', 'transactionId', customer_key, 'customerKey', customer_key, 'source', source, 'traceparent', traceparent,
    'payload', jsonb_strip_nulls(jsonb_build_object('v', 1, 'email', nullif(email, ''), 'clickId', nullif(click_id, '')))))) fact;
end
$$;
comment on function affitor.track_lead is
  'Stores that a customer signed up, in the caller''s transaction; Affitor is told once that is committed. customer_key: your own, stable user id. click_id: what window.affitor.getClickId() returned. Answers the id and state of the tracking event; created is false when it was there already, and then nothing is changed.';

create function affitor.track_sale(
  customer_key text, transaction_id text, amount_cents bigint, currency text default 'USD', sale_type text default null,
  is_recurring boolean default false, subscription_id text default null, subscription_interval text default null,
  click_id text default null, product_id text default null, occurred_at timestamptz default now(), source text default 'sql',
  traceparent text default null)
returns table (id bigint, state text, created boolean)
language plpgsql as $$
begin
  perform affitor.require(char_length(customer_key) between 1 and 200, 'affitor.track_sale: customer_key must be a text of 1 to 200 characters');
  perform affitor.require(char_length(transaction_id) between 1 and 255, 'affitor.track_sale: transaction_id must be a text of 1 to 255 characters');
  perform affitor.require(amount_cents between 1 and 9007199254740991, 'affitor.track_sale: amount_cents must be a positive integer (cents)');
  perform affitor.require(currency ~ '^[A-Za-z]{3}$', 'affitor.track_sale: currency must be an ISO 4217 code of three letters');
  perform affitor.require(coalesce(sale_type in ('payment', 'subscription'), true), 'affitor.track_sale: sale_type must be payment or subscription');
  perform affitor.require(is_recurring is not null, 'affitor.track_sale: is_recurring must be true or false');
  perform affitor.require(char_length(coalesce(subscription_id, '')) <= 255, 'affitor.track_sale: subscription_id must be a text of at most 255 characters');
  perform affitor.require(coalesce(subscription_interval in ('monthly', 'quarterly', 'annual'), true),
    'affitor.track_sale: subscription_interval must be monthly, quarterly or annual');
  perform affitor.require(char_length(coalesce(click_id, '')) <= 255, 'affitor.track_sale: click_id must be a text of at most 255 characters');
  perform affitor.require(char_length(coalesce(product_id, '')) <= 255, 'affitor.track_sale: product_id must be a text of at most 255 characters');
  perform affitor.require_time('affitor.track_sale', occurred_at);
  perform affitor.require(source <> '', 'affitor.track_sale: source must be a text');
  return query select fact.id, fact.state, fact.created from affitor.add_facts(jsonb_build_array(jsonb_build_object(
    'kind', 'sale', 'transactionId', transaction_id, 'customerKey', customer_key, 'source', source, 'occurredAt', occurred_at, 'traceparent', traceparent,
    'payload', jsonb_strip_nulls(jsonb_build_object(
      'v', 1, 'amountCents', amount_cents, 'currency', upper(currency),
      'saleType', coalesce(sale_type, case when subscription_id <> '' then 'subscription' else 'payment' end), 'isRecurring', is_recurring,
      'subscriptionId', nullif(subscription_id, ''), 'subscriptionInterval', subscription_interval,
      'clickId', nullif(click_id, ''), 'productId', nullif(product_id, '')))))) fact;
end
$$;
comment on function affitor.track_sale is
  'Stores a payment that Stripe does not tell of, in the caller''s transaction. transaction_id: unique id of the payment. amount_cents: in the currency''s smallest unit. sale_type: payment or subscription; by default subscription when there is a subscription_id. is_recurring: true for a renewal. subscription_interval: monthly, quarterly or annual. occurred_at: at most 400 days back. Answers as affitor.track_lead does.';

create function affitor.track_refund(
  sale_transaction_id text, refund_id text default null, amount_cents bigint default null, reason text default null,
  occurred_at timestamptz default now(), source text default 'sql', traceparent text default null)
returns table (id bigint, state text, created boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  own_id constant text := coalesce(nullif(track_refund.refund_id, ''), track_refund.sale_transaction_id || ':refund');
  -- 0 is what Affitor takes for a whole refund.
  wanted bigint := nullif(track_refund.amount_cents, 0);
  sale record;
  stored record;
  remaining bigint;
begin
  perform affitor.require(char_length(track_refund.sale_transaction_id) between 1 and 255,
    'affitor.track_refund: sale_transaction_id must be a text of 1 to 255 characters');
  perform affitor.require(char_length(own_id) <= 255, 'affitor.track_refund: refund_id must be a text of at most 255 characters');
  perform affitor.require(coalesce(wanted between 1 and 9007199254740991, true), 'affitor.track_refund: amount_cents must be a positive integer (cents)');
  perform affitor.require_time('affitor.track_refund', track_refund.occurred_at);
  perform affitor.require(track_refund.source <> '', 'affitor.track_refund: source must be a text');

  select event.customer_key, (event.payload->>'amountCents')::bigint as amount, event.payload->>'currency' as currency into sale from affitor.tracking_events event
  where event.kind = 'sale' and event.transaction_id = track_refund.sale_transaction_id and event.payload->'v' = '1';
  if not found then
    raise exception using errcode = 'P0002', message = format('affitor.track_refund: there is no sale %s', track_refund.sale_transaction_id);
  end if;
  -- Before the sum is read: of two refunds at once, the second sees the first.
  perform affitor.lock_customers(array[sale.customer_key]);
  select sale.amount - coalesce(sum((event.payload->>'amountCents')::bigint), 0) into remaining from affitor.tracking_events event
  where event.kind = 'refund' and event.sale_transaction_id = track_refund.sale_transaction_id and event.payload->'v' = '1'
    and not affitor.came_back(event.reason);

  select event.id, event.state, (event.payload->>'amountCents')::bigint as amount into stored from affitor.tracking_events event
  where event.kind = 'refund' and event.transaction_id = own_id;
  if found then
    if nullif(track_refund.refund_id, '') is null and not coalesce(wanted = stored.amount, remaining <= 0) then
      raise exception using errcode = 'unique_violation', message = format(
        'affitor.track_refund: sale %s has a refund of %s without refund_id already; give each of several refunds its own refund_id',
        track_refund.sale_transaction_id, stored.amount);
    end if;
    return query select stored.id, stored.state, false;
    return;
  end if;

  perform affitor.require(remaining >= coalesce(wanted, 1), format('affitor.track_refund: amount_cents must be at most what is left of sale %s: %s of %s',
    track_refund.sale_transaction_id, greatest(remaining, 0), sale.amount));
  wanted := coalesce(wanted, remaining);
  return query select fact.id, fact.state, fact.created from affitor.add_facts(jsonb_build_array(jsonb_build_object(
    'kind', 'refund', 'transactionId', own_id, 'saleTransactionId', track_refund.sale_transaction_id, 'customerKey', sale.customer_key,
    'source', track_refund.source, 'occurredAt', track_refund.occurred_at, 'traceparent', track_refund.traceparent,
    'payload', jsonb_strip_nulls(jsonb_build_object(
      'v', 1, 'amountCents', wanted, 'currency', sale.currency, 'full', wanted = sale.amount, 'refundReason', nullif(track_refund.reason, '')))))) fact;
end
$$;
comment on function affitor.track_refund is
  'Stores that money was given back which Stripe does not tell of, in the caller''s transaction. sale_transaction_id: the transaction_id of the sale. refund_id: unique id of the refund; without it, the sale has but this one. amount_cents: absent or 0, all that is left of the sale. Answers as affitor.track_lead does; no_data_found (P0002) when the sale is not known, unique_violation (23505) when it has another refund without refund_id.';

create function affitor.track_all(facts jsonb)
returns table (id bigint, state text, created boolean, refused text, message text)
language plpgsql as $$
#variable_conflict use_column
declare
  fact jsonb;
begin
  for fact in select value from jsonb_array_elements(facts) loop
    id := null; state := null; created := null; refused := null; message := null;
    -- Each in a subtransaction of its own.
    begin
      case fact->>'kind'
        when 'lead' then
          select told.* into id, state, created from affitor.track_lead(
            customer_key => fact->>'customerKey', email => fact->>'email', click_id => fact->>'clickId', source => fact->>'source',
            traceparent => fact->>'traceparent') told;
        when 'sale' then
          select told.* into id, state, created from affitor.track_sale(
            customer_key => fact->>'customerKey', transaction_id => fact->>'transactionId', amount_cents => (fact->>'amountCents')::bigint,
            currency => coalesce(fact->>'currency', 'USD'), sale_type => fact->>'saleType',
            is_recurring => coalesce((fact->>'isRecurring')::boolean, false), subscription_id => fact->>'subscriptionId',
            subscription_interval => fact->>'subscriptionInterval', click_id => fact->>'clickId', product_id => fact->>'productId',
            occurred_at => coalesce((fact->>'occurredAt')::timestamptz, now()), source => fact->>'source',
            traceparent => fact->>'traceparent') told;
        when 'refund' then
          select told.* into id, state, created from affitor.track_refund(
            sale_transaction_id => fact->>'saleTransactionId', refund_id => fact->>'refundId',
            amount_cents => (fact->>'amountCents')::bigint, reason => fact->>'reason', source => fact->>'source',
            traceparent => fact->>'traceparent') told;
      end case;
    exception when invalid_parameter_value or no_data_found or unique_violation then
      refused := sqlstate; message := sqlerrm;
    end;
    return next;
  end loop;
end
$$;
comment on function affitor.track_all is
  'Calls affitor.track_lead, affitor.track_sale and affitor.track_refund in turn, in one round trip; one that is refused fails alone, with the SQLSTATE in refused and the message. facts: an array of their arguments, in camel case, each with its kind and source.';
