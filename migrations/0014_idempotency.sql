-- What a submission makes gets the identity that stands beside its key: a request repeated after the server was killed
-- between making and answering finds it made.
alter table idempotency add column made_id uuid not null default gen_random_uuid();
alter table idempotency alter column made_id drop default;
