-- Limits of one office that differ from those of all (--quota); null: as for all, 0: none.
create table office_quota (
    office_id  uuid primary key references office,
    bytes      bigint check (bytes >= 0),
    files      bigint check (files >= 0),
    points     bigint check (points >= 0),
    jobs       bigint check (jobs >= 0),
    version    int not null default 1,
    set_at     timestamptz not null,
    set_by     uuid not null references account
);
revoke delete on office_quota from fangyu_app;

-- Public positions of places follow a policy too, by the level of the division a place lies in. A policy that was taken
-- away stays with its version and without decimals, so that two who set it at once do not overwrite each other.
alter table precision_policy
    drop constraint precision_policy_layer_check,
    add constraint precision_policy_layer_check check (layer in ('markers', 'places')),
    alter column decimals drop not null,
    add column version int not null default 1;
revoke delete on precision_policy from fangyu_app;
