-- The audit trail. One function writes it, nobody changes it, and only somebody with a live grant reads it.

create table compliance.audit_entry (
  id uuid primary key default uuidv7(),
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  action text not null check (action ~ '^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$'),
  subject text not null check (length(subject) <= 200),
  tenant_id uuid,
  outcome text not null check (length(outcome) <= 100),
  address text,
  request_id text,
  -- Where it came from a stream: the entry's id there, so that a second delivery changes nothing.
  stream_id text unique
);
create index audit_entry_newest on compliance.audit_entry (at desc, id desc);
create index audit_entry_action on compliance.audit_entry (action, at desc);
create index audit_entry_subject on compliance.audit_entry (subject, at desc);
create index audit_entry_actor on compliance.audit_entry (actor, at desc);

create table compliance.access_request (
  id uuid primary key default uuidv7(),
  scope text not null check (scope in ('AUDIT_READ')),
  requester uuid not null,
  reason text not null check (length(reason) between 1 and 1000),
  minutes integer not null check (minutes between 1 and 240),
  created_at timestamptz not null default clock_timestamp(),
  approved_by uuid check (approved_by <> requester),
  approved_at timestamptz,
  expires_at timestamptz,
  revoked_by uuid,
  revoked_at timestamptz,
  check ((approved_at is null) = (approved_by is null) and (approved_at is null) = (expires_at is null))
);
create index access_request_requester on compliance.access_request (requester, created_at desc);

alter table compliance.audit_entry enable row level security;
alter table compliance.audit_entry force row level security;
alter table compliance.access_request enable row level security;
alter table compliance.access_request force row level security;

-- Nobody changes what is written: not by grant, and not where somebody had one.
create function compliance.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The audit trail is append-only.' using errcode = 'AS403';
end $$;
create trigger audit_entry_append_only before update or delete on compliance.audit_entry
  for each row execute function compliance.refuse_change();
create trigger audit_entry_no_truncate before truncate on compliance.audit_entry
  for each statement execute function compliance.refuse_change();

grant insert on compliance.audit_entry to compliance_recorder;
create policy written on compliance.audit_entry for insert to compliance_recorder with check (true);

-- Who did what comes from the transaction's settings, never from an argument.
create function compliance.record(action text, subject text, outcome text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare entry uuid := uuidv7();
begin
  insert into compliance.audit_entry (id, actor, action, subject, tenant_id, outcome, address, request_id)
  values (entry, caller.actor(), action, subject, caller.tenant(), outcome, caller.address(), caller.request());
  return entry;
end $$;

-- A redemption happened at the edge, which has no database: it brings its own time, actor and place. False when it is known already.
create function compliance.record_redemption(
  stream text, happened_at timestamptz, redeemer text, asset text, tenant uuid, result text, place text, request text
) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into compliance.audit_entry (at, actor, action, subject, tenant_id, outcome, address, request_id, stream_id)
  values (happened_at, redeemer, 'download.redeem', asset, tenant, result, place, request, stream)
  on conflict do nothing;
  return found;
end $$;

-- Privileged access: asked for by one person, approved by another, ended by the clock or by either.
grant select, insert, update on compliance.access_request to compliance_access;
create policy kept on compliance.access_request to compliance_access using (true) with check (true);

create function compliance.has_live_grant(wanted text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from compliance.access_request r
    where r.requester = caller.subject() and r.scope = wanted
      and r.approved_at is not null and r.revoked_at is null and r.expires_at > clock_timestamp()
  )
$$;

create function compliance.request_access(wanted text, why text, how_long integer) returns setof compliance.access_request
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare made compliance.access_request;
begin
  if caller.subject() is null or not caller.has_role('security') then
    raise exception 'Only the security team asks for privileged access.' using errcode = 'AS403';
  end if;
  insert into compliance.access_request (scope, requester, reason, minutes)
  values (wanted, caller.subject(), why, how_long) returning * into made;
  perform compliance.record('access.request', made.id::text, made.scope);
  return next made;
end $$;

create function compliance.approve_access(request uuid) returns setof compliance.access_request
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare found_request compliance.access_request;
begin
  if caller.subject() is null or not caller.has_role('platform_admin') then
    raise exception 'Only a platform administrator approves privileged access.' using errcode = 'AS403';
  end if;
  select * into found_request from compliance.access_request where id = request for update;
  if not found then
    raise exception 'There is no such request.' using errcode = 'AS404';
  end if;
  if found_request.requester = caller.subject() then
    raise exception 'Nobody approves a request of their own.' using errcode = 'AS403';
  end if;
  if found_request.approved_at is not null or found_request.revoked_at is not null then
    raise exception 'This request is decided already.' using errcode = 'AS422';
  end if;
  update compliance.access_request r
  set approved_by = caller.subject(), approved_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(mins => r.minutes)
  where r.id = request returning * into found_request;
  perform compliance.record('access.approve', request::text, found_request.scope);
  return next found_request;
end $$;

create function compliance.revoke_access(request uuid) returns setof compliance.access_request
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare found_request compliance.access_request;
begin
  select * into found_request from compliance.access_request where id = request for update;
  if not found or not (caller.has_role('platform_admin') or found_request.requester = caller.subject()) then
    raise exception 'There is no such request.' using errcode = 'AS404';
  end if;
  if found_request.revoked_at is null then
    update compliance.access_request r set revoked_by = caller.subject(), revoked_at = clock_timestamp()
    where r.id = request returning * into found_request;
    perform compliance.record('access.revoke', request::text, found_request.scope);
  end if;
  return next found_request;
end $$;

grant create on schema compliance to compliance_recorder, compliance_access;
alter function compliance.record(text, text, text) owner to compliance_recorder;
alter function compliance.record_redemption(text, timestamptz, text, text, uuid, text, text, text) owner to compliance_recorder;
alter function compliance.has_live_grant(text) owner to compliance_access;
alter function compliance.request_access(text, text, integer) owner to compliance_access;
alter function compliance.approve_access(uuid) owner to compliance_access;
alter function compliance.revoke_access(uuid) owner to compliance_access;
revoke create on schema compliance from compliance_recorder, compliance_access;

-- Everybody may record; the owner too, whose functions do.
set role compliance_recorder;
grant execute on function compliance.record(text, text, text) to
  assay_owner, identity_app, identity_provider, identity_system, identity_accounts, media_app, media_moderator, media_verdict, intake_worker,
  janitor, licensing_app, compliance_app, audit_reader, compliance_access;
grant execute on function compliance.record_redemption(text, timestamptz, text, text, uuid, text, text, text) to audit_writer;
reset role;
set role compliance_access;
grant execute on function compliance.has_live_grant(text) to audit_reader;
grant execute on function compliance.request_access(text, text, integer), compliance.approve_access(uuid), compliance.revoke_access(uuid)
  to compliance_app;
reset role;

grant select on compliance.access_request to compliance_app;
create policy visible on compliance.access_request for select to compliance_app
  using ((select caller.has_role('platform_admin')) or requester = (select caller.subject()));

grant select on compliance.audit_entry to audit_reader;
create policy under_grant on compliance.audit_entry for select to audit_reader
  using ((select compliance.has_live_grant('AUDIT_READ')));
