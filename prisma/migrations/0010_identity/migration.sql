-- Tenants, accounts and sessions. Personal data lives in this schema alone, encrypted with a key of each account; everybody else holds ids.

create table identity.tenant (
  id uuid primary key default uuidv7(),
  slug text not null unique check (slug ~ '^[a-z][a-z0-9-]{1,62}$'),
  name text not null check (length(name) between 1 and 200),
  tier text not null check (tier in ('STANDARD', 'ENTERPRISE')),
  entitlements text[] not null default '{}' check (entitlements <@ array['AI']),
  created_at timestamptz not null default clock_timestamp()
);

-- An account is whom an issuer calls by this subject; never whoever owns an e-mail address.
create table identity.account (
  id uuid primary key default uuidv7(),
  tenant_id uuid not null references identity.tenant,
  issuer text not null,
  subject text not null check (length(subject) between 1 and 255),
  handle text not null unique check (handle ~ '^[a-z][a-z0-9-]{1,62}$'),
  roles text[] not null default '{}'
    check (roles <@ array['buyer', 'author', 'reviewer', 'admin', 'platform_admin', 'security']),
  -- AES-256-GCM under the account's own key.
  display_name bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  erased_at timestamptz,
  unique (issuer, subject)
);
create index account_tenant on identity.account (tenant_id, id);

-- The account's data key, wrapped by the keyring. Without this row what it encrypted is noise, in every backup too.
create table identity.account_key (
  account_id uuid primary key references identity.account,
  tenant_id uuid not null references identity.tenant,
  wrapped_key bytea not null,
  created_at timestamptz not null default clock_timestamp()
);

-- A table of its own, so that row security can tell who may read it: fewer than may read the account.
create table identity.account_email (
  account_id uuid primary key references identity.account,
  tenant_id uuid not null references identity.tenant,
  email bytea not null,
  -- HMAC-SHA-256 of the normalised address under a key that the database does not hold.
  email_index bytea not null unique check (length(email_index) = 32)
);
create index account_email_tenant on identity.account_email (tenant_id, account_id);

-- What the embedded provider checks. An account of another issuer has none.
create table identity.credential (
  account_id uuid primary key references identity.account,
  tenant_id uuid not null references identity.tenant,
  password_hash text not null check (password_hash like '$argon2id$%'),
  changed_at timestamptz not null default clock_timestamp()
);

create table identity.session (
  id uuid primary key default uuidv7(),
  tenant_id uuid not null references identity.tenant,
  account_id uuid not null references identity.account,
  -- The provider's session: every token that carries this sid lives and dies with the row.
  issuer text not null,
  sid text not null check (length(sid) between 1 and 255),
  -- SHA-256 of the cookie's value; null while only bearer tokens use the session.
  cookie_hash bytea unique check (length(cookie_hash) = 32),
  authenticated_at timestamptz not null,
  acr text,
  amr text[] not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  last_seen_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text check (end_reason in ('REVOKED', 'SIGNED_OUT', 'REPLACED')),
  address text,
  user_agent text check (length(user_agent) <= 300),
  check ((ended_at is null) = (end_reason is null))
);
create unique index session_live_sid on identity.session (issuer, sid) where ended_at is null;
create index session_ended_sid on identity.session (issuer, sid, ended_at) where ended_at is not null;
create index session_account on identity.session (tenant_id, account_id, created_at desc);

-- The embedded provider's own storage: sessions, interactions, codes, grants.
create table identity.provider_record (
  kind text not null,
  id text not null,
  payload jsonb not null,
  uid text,
  grant_id text,
  consumed_at timestamptz,
  expires_at timestamptz not null,
  primary key (kind, id)
);
create index provider_record_uid on identity.provider_record (uid) where uid is not null;
create index provider_record_grant on identity.provider_record (grant_id) where grant_id is not null;
create index provider_record_expiry on identity.provider_record (expires_at);

-- Attempts at the sign-in form, counted before the password is looked at. No address and no e-mail: digests.
create table identity.login_attempt (
  key bytea primary key,
  attempts integer not null,
  ends_at timestamptz not null
);
create index login_attempt_end on identity.login_attempt (ends_at);

do $$
declare name text;
begin
  foreach name in array array['tenant', 'account', 'account_key', 'account_email', 'credential', 'session', 'provider_record', 'login_attempt'] loop
    execute format('alter table identity.%I enable row level security', name);
    execute format('alter table identity.%I force row level security', name);
  end loop;
end $$;

-- What everybody may know of anybody: the two cards. Their owner cannot log in, and its policies open these columns only.
grant select (id, slug, name) on identity.tenant to identity_directory;
grant select (id, tenant_id, handle, display_name) on identity.account to identity_directory;
grant select (account_id, wrapped_key) on identity.account_key to identity_directory;
create policy card on identity.tenant for select to identity_directory using (true);
create policy card on identity.account for select to identity_directory using (erased_at is null);
create policy card on identity.account_key for select to identity_directory using (true);
grant select (erased_at) on identity.account to identity_directory;

create view identity.tenant_card with (security_barrier) as select id, slug, name from identity.tenant;
create view identity.account_card with (security_barrier) as
  select a.id, a.tenant_id, a.handle, a.display_name, k.wrapped_key
  from identity.account a join identity.account_key k on k.account_id = a.id;
grant select on identity.tenant_card, identity.account_card to identity_app;

-- A caller's own tenant, and its own sessions.
grant select (id, tier) on identity.tenant to identity_app;
create policy own on identity.tenant for select to identity_app using (id = (select caller.tenant()));
grant select (id, tenant_id, roles) on identity.account to identity_app;
create policy own on identity.account for select to identity_app using (tenant_id = (select caller.tenant()));
grant select (account_id, tenant_id, email) on identity.account_email to identity_app;
create policy own on identity.account_email for select to identity_app using (
  tenant_id = (select caller.tenant()) and (account_id = (select caller.subject()) or (select caller.has_role('admin'))));
grant select (id, tenant_id, account_id, created_at, last_seen_at, expires_at, ended_at, address, user_agent)
  on identity.session to identity_app;
create policy own on identity.session for select to identity_app
  using (tenant_id = (select caller.tenant()) and account_id = (select caller.subject()));

-- Seed and erasure.
grant select, insert, update on identity.tenant, identity.account, identity.account_email, identity.account_key,
  identity.credential, identity.session to identity_system;
grant delete on identity.account_email, identity.account_key, identity.credential to identity_system;
do $$
declare name text;
begin
  foreach name in array array['tenant', 'account', 'account_key', 'account_email', 'credential', 'session'] loop
    execute format('create policy system on identity.%I to identity_system using (true) with check (true)', name);
  end loop;
end $$;

-- The provider's own records are its alone; accounts it meets through functions only.
grant select, insert, update, delete on identity.provider_record to identity_provider;
create policy own on identity.provider_record to identity_provider using (true) with check (true);

-- The functions below run as a role that cannot log in, and this is all it may touch.
grant select on identity.tenant, identity.account, identity.account_email, identity.credential to identity_accounts;
grant select, insert, update on identity.session to identity_accounts;
grant select, insert, update, delete on identity.login_attempt to identity_accounts;
grant select (kind, uid), delete on identity.provider_record to identity_accounts;
create policy looked_up on identity.tenant for select to identity_accounts using (true);
create policy looked_up on identity.account for select to identity_accounts using (erased_at is null);
create policy looked_up on identity.account_email for select to identity_accounts using (true);
create policy looked_up on identity.credential for select to identity_accounts using (true);
create policy kept on identity.session to identity_accounts using (true) with check (true);
create policy kept on identity.login_attempt to identity_accounts using (true) with check (true);
create policy ended on identity.provider_record to identity_accounts using (kind in ('Session', 'AuthorizationCode'));

-- Who a verified token or cookie stands for, at this moment.
create type identity.principal as (
  session_id uuid, account_id uuid, tenant_id uuid, roles text[], tier text, entitlements text[],
  authenticated_at timestamptz, expires_at timestamptz, acr text, amr text[]
);

create function identity.principal_of_session(session identity.session) returns identity.principal
language sql stable set search_path = pg_catalog, pg_temp as $$
  select session.id, a.id, a.tenant_id, a.roles, t.tier, t.entitlements,
    session.authenticated_at, session.expires_at, session.acr, session.amr
  from identity.account a join identity.tenant t on t.id = a.tenant_id
  where a.id = session.account_id
$$;

-- Begins a session and says so in the audit trail, in the name of the one who signed in.
create function identity.begin_session(
  account identity.account, sid text, cookie_hash bytea, authenticated_at timestamptz, expires_at timestamptz,
  acr text, amr text[], user_agent text
) returns identity.session
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare begun identity.session;
begin
  insert into identity.session (tenant_id, account_id, issuer, sid, cookie_hash, authenticated_at, expires_at, acr, amr, address, user_agent)
  values (account.tenant_id, account.id, account.issuer, begin_session.sid, begin_session.cookie_hash, begin_session.authenticated_at,
    begin_session.expires_at, begin_session.acr, begin_session.amr, caller.address(), left(begin_session.user_agent, 300))
  on conflict do nothing returning * into begun;
  if found then
    perform set_config('assay.tenant', account.tenant_id::text, true), set_config('assay.subject', account.id::text, true),
      set_config('assay.actor', account.id::text, true);
    perform compliance.record('session.login', begun.id::text, 'OK');
  end if;
  return begun;
end $$;

-- A bearer token, verified by the gateway. Its session row is made when its sid is first seen. No row comes back when the
-- session has ended: what was authenticated before the end stays dead, also when the provider uses the sid again.
create function identity.principal_of(
  issuer text, subject text, sid text, authenticated_at timestamptz, expires_at timestamptz, acr text, amr text[], user_agent text
) returns setof identity.principal
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  account identity.account;
  session identity.session;
begin
  select * into account from identity.account a where a.issuer = principal_of.issuer and a.subject = principal_of.subject;
  if not found or exists (
    select from identity.session s where s.issuer = principal_of.issuer and s.sid = principal_of.sid
      and s.end_reason <> 'REPLACED' and s.ended_at >= principal_of.authenticated_at
  ) then
    return;
  end if;
  for attempt in 1..2 loop
    select * into session from identity.session s
    where s.issuer = principal_of.issuer and s.sid = principal_of.sid and s.ended_at is null;
    exit when found;
    session := identity.begin_session(account, sid, null, authenticated_at, expires_at, acr, amr, user_agent);
    exit when session.id is not null;
  end loop;
  if session.account_id is distinct from account.id then
    return;
  end if;
  if session.cookie_hash is not null and session.expires_at <= clock_timestamp() then
    return;
  end if;
  if session.last_seen_at < clock_timestamp() - interval '1 minute'
    or (session.cookie_hash is null and session.expires_at < principal_of.expires_at) then
    update identity.session s set last_seen_at = clock_timestamp(),
      expires_at = case when s.cookie_hash is null then greatest(s.expires_at, principal_of.expires_at) else s.expires_at end
    where s.id = session.id;
  end if;
  -- What this token proves, where the row may stand for an older or a younger one of the same session.
  session.authenticated_at := principal_of.authenticated_at;
  session.expires_at := case when session.cookie_hash is null then principal_of.expires_at else least(session.expires_at, principal_of.expires_at) end;
  session.acr := principal_of.acr;
  session.amr := principal_of.amr;
  return next identity.principal_of_session(session);
end $$;

create function identity.principal_of_cookie(cookie_hash bytea) returns setof identity.principal
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare session identity.session;
begin
  select * into session from identity.session s
  where s.cookie_hash = principal_of_cookie.cookie_hash and s.ended_at is null and s.expires_at > clock_timestamp();
  if not found or not exists (select from identity.account a where a.id = session.account_id) then
    return;
  end if;
  if session.last_seen_at < clock_timestamp() - interval '1 minute' then
    update identity.session s set last_seen_at = clock_timestamp() where s.id = session.id;
  end if;
  return next identity.principal_of_session(session);
end $$;

-- The end of a sign-in at the console: always a new session, and the end of the one that the same provider session had.
create function identity.sign_in(
  issuer text, subject text, sid text, cookie_hash bytea, authenticated_at timestamptz, expires_at timestamptz,
  acr text, amr text[], user_agent text
) returns table (replaced uuid, principal identity.principal)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  account identity.account;
  session identity.session;
begin
  select * into account from identity.account a where a.issuer = sign_in.issuer and a.subject = sign_in.subject;
  if not found or exists (
    select from identity.session s where s.issuer = sign_in.issuer and s.sid = sign_in.sid
      and s.end_reason <> 'REPLACED' and s.ended_at >= sign_in.authenticated_at
  ) then
    return;
  end if;
  update identity.session s set ended_at = clock_timestamp(), end_reason = 'REPLACED'
  where s.issuer = sign_in.issuer and s.sid = sign_in.sid and s.ended_at is null
  returning s.id into replaced;
  session := identity.begin_session(account, sid, cookie_hash, authenticated_at, expires_at, acr, amr, user_agent);
  if session.id is null then
    raise exception 'Another sign-in of this session won.' using errcode = 'AS409';
  end if;
  principal := identity.principal_of_session(session);
  return next;
end $$;

-- Ends a session of the caller's own, with it the embedded provider's session and the codes nobody has redeemed yet,
-- so that the next sign-in asks for the password. Ending it twice changes nothing. `provider_ended`: the browser need not go there.
create function identity.end_session(session uuid, reason text)
returns table (id uuid, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, ended_at timestamptz,
  address text, user_agent text, provider_ended boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare ending identity.session;
begin
  select * into ending from identity.session s where s.id = session and s.account_id = caller.subject() for update;
  if not found then
    raise exception 'There is no such session.' using errcode = 'AS404';
  end if;
  if ending.ended_at is null then
    update identity.session s set ended_at = clock_timestamp(), end_reason = reason where s.id = session returning * into ending;
    perform compliance.record(case reason when 'SIGNED_OUT' then 'session.logout' else 'session.revoke' end, session::text, 'OK');
  end if;
  delete from identity.provider_record r where r.uid = ending.sid and r.kind in ('Session', 'AuthorizationCode');
  return query select ending.id, ending.created_at, ending.last_seen_at, ending.expires_at, ending.ended_at,
    ending.address, ending.user_agent, found;
end $$;

-- Somebody signed out at the provider itself: what was opened with that sign-in ends with it. The id is for waking its holders.
create function identity.end_provider_session(issuer text, sid text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare ending identity.session;
begin
  update identity.session s set ended_at = clock_timestamp(), end_reason = 'SIGNED_OUT'
  where s.issuer = end_provider_session.issuer and s.sid = end_provider_session.sid and s.ended_at is null
  returning * into ending;
  if found then
    perform set_config('assay.tenant', ending.tenant_id::text, true), set_config('assay.subject', ending.account_id::text, true),
      set_config('assay.actor', ending.account_id::text, true);
    perform compliance.record('session.logout', ending.id::text, 'OK');
  end if;
  return ending.id;
end $$;

-- Which of these sessions live: what a gateway asks every few seconds for its open streams.
create function identity.live_sessions(sessions uuid[]) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select s.id from identity.session s
  where s.id = any (sessions) and s.ended_at is null and (s.cookie_hash is null or s.expires_at > clock_timestamp())
$$;

-- What the sign-in form knows of an account: whether there is one, and what its password is checked against.
create function identity.find_account(email_index bytea) returns table (id uuid, password_hash text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select a.id, c.password_hash
  from identity.account_email e
  join identity.account a on a.id = e.account_id
  join identity.credential c on c.account_id = a.id
  where e.email_index = find_account.email_index
$$;

-- Whether the provider may still issue tokens to somebody: the subject of its accounts is their id.
create function identity.has_account(issuer text, subject text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from identity.account a where a.issuer = has_account.issuer and a.subject = has_account.subject)
$$;

-- Counts an attempt before the password is looked at, so that a hundred at once are a hundred.
-- Ten an account and network and a hundred a network, each in a quarter of an hour; the answer is the attempts that are left.
create function identity.admit_login(email_index bytea, network text) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  per_account integer;
  per_network integer;
begin
  delete from identity.login_attempt a where a.key in (
    select b.key from identity.login_attempt b where b.ends_at <= now() for update skip locked);
  per_account := identity.count_attempt(sha256(email_index || convert_to(network, 'UTF8')));
  per_network := identity.count_attempt(sha256(convert_to(network, 'UTF8')));
  return least(10 - per_account, 100 - per_network);
end $$;

create function identity.count_attempt(counted bytea) returns integer
language sql set search_path = pg_catalog, pg_temp as $$
  insert into identity.login_attempt as a values (counted, 1, now() + interval '15 minutes')
  on conflict (key) do update set
    attempts = case when a.ends_at <= now() then 1 else a.attempts + 1 end,
    ends_at = case when a.ends_at <= now() then now() + interval '15 minutes' else a.ends_at end
  returning attempts
$$;

-- A right password gives its attempts back.
create function identity.login_succeeded(email_index bytea, network text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare given_back integer;
begin
  delete from identity.login_attempt a where a.key = sha256(email_index || convert_to(network, 'UTF8'))
  returning a.attempts into given_back;
  update identity.login_attempt a set attempts = greatest(0, a.attempts - coalesce(given_back, 0))
  where a.key = sha256(convert_to(network, 'UTF8'));
end $$;

-- Nobody is signed in, so the actor stays `anonymous`; the subject is the account that was meant, where there is one.
create function identity.login_failed(email_index bytea, outcome text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  account uuid;
  tenant uuid;
begin
  select e.account_id, e.tenant_id into account, tenant from identity.account_email e where e.email_index = login_failed.email_index;
  perform set_config('assay.tenant', coalesce(tenant::text, ''), true);
  perform compliance.record('session.login_failed', coalesce(account::text, 'unknown'), outcome);
end $$;

grant execute on function identity.principal_of(text, text, text, timestamptz, timestamptz, text, text[], text),
  identity.principal_of_cookie(bytea),
  identity.sign_in(text, text, text, bytea, timestamptz, timestamptz, text, text[], text),
  identity.end_session(uuid, text), identity.live_sessions(uuid[]) to identity_app;
grant execute on function identity.find_account(bytea), identity.has_account(text, text), identity.end_provider_session(text, text), identity.admit_login(bytea, text),
  identity.login_succeeded(bytea, text), identity.login_failed(bytea, text) to identity_provider;

grant create on schema identity to identity_directory, identity_accounts;
alter view identity.tenant_card owner to identity_directory;
alter view identity.account_card owner to identity_directory;
alter function identity.principal_of_session(identity.session) owner to identity_accounts;
alter function identity.begin_session(identity.account, text, bytea, timestamptz, timestamptz, text, text[], text) owner to identity_accounts;
alter function identity.principal_of(text, text, text, timestamptz, timestamptz, text, text[], text) owner to identity_accounts;
alter function identity.principal_of_cookie(bytea) owner to identity_accounts;
alter function identity.sign_in(text, text, text, bytea, timestamptz, timestamptz, text, text[], text) owner to identity_accounts;
alter function identity.end_session(uuid, text) owner to identity_accounts;
alter function identity.end_provider_session(text, text) owner to identity_accounts;
alter function identity.live_sessions(uuid[]) owner to identity_accounts;
alter function identity.find_account(bytea) owner to identity_accounts;
alter function identity.has_account(text, text) owner to identity_accounts;
alter function identity.admit_login(bytea, text) owner to identity_accounts;
alter function identity.count_attempt(bytea) owner to identity_accounts;
alter function identity.login_succeeded(bytea, text) owner to identity_accounts;
alter function identity.login_failed(bytea, text) owner to identity_accounts;
revoke create on schema identity from identity_directory, identity_accounts;
