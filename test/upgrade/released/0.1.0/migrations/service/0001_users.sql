comment on schema affitor_service is 'The users of the standalone API of fastify-affitor. An app of your own has users of its own, and no such schema.';

create table affitor_service.users (
  id text primary key,
  email text not null,
  password_hash text not null,
  affitor_click_id text,
  signup_key text,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index users_email_key on affitor_service.users (lower(email));
create unique index users_signup_key on affitor_service.users (signup_key) where signup_key is not null;
comment on table affitor_service.users is 'Who signed up. The customers of the ledger are these users, by their ids.';
comment on column affitor_service.users.affitor_click_id is 'Affitor''s click id of the partner''s link that the user came by; null: none.';
comment on column affitor_service.users.signup_key is 'SHA-256 of the Idempotency-Key that the user signed up with, in hex; null: none.';
comment on column affitor_service.users.deleted_at is 'When the user''s personal data was deleted; null: it was not. Nobody logs in as a deleted user.';
