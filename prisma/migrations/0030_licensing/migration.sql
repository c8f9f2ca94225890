-- Licences belong to two tenants, the seller's and the buyer's: both see them, only the seller's side issues them.

create table licensing.license (
  id uuid primary key default uuidv7(),
  asset_id uuid not null,
  seller_tenant_id uuid not null,
  -- The asset's owner when it was issued: authors see the licences of their own assets.
  seller_id uuid not null,
  buyer_tenant_id uuid not null,
  seats integer not null check (seats between 1 and 10000),
  -- HMAC of the key under a pepper that is not in the database.
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  key_hint text not null check (length(key_hint) = 4),
  issued_by uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz
);
create index license_seller on licensing.license (seller_tenant_id, asset_id, created_at desc);
create index license_buyer on licensing.license (buyer_tenant_id, asset_id, created_at desc);
create index license_asset on licensing.license (asset_id);

-- A subject's first download takes a seat; later ones reuse it.
create table licensing.seat (
  license_id uuid not null references licensing.license,
  subject uuid not null,
  taken_at timestamptz not null default clock_timestamp(),
  primary key (license_id, subject)
);

alter table licensing.license enable row level security;
alter table licensing.license force row level security;
alter table licensing.seat enable row level security;
alter table licensing.seat force row level security;

-- Who sees a licence: the buyer's tenant; of the seller's tenant the asset's owner and admins.
create policy visible on licensing.license for select to licensing_app using (
  (buyer_tenant_id = (select caller.tenant()) and (select caller.has_role('buyer') or caller.has_role('author')
    or caller.has_role('reviewer') or caller.has_role('admin')))
  or (seller_tenant_id = (select caller.tenant()) and (seller_id = (select caller.subject()) or (select caller.has_role('admin'))))
);
create policy issued_by_the_seller on licensing.license for insert to licensing_app with check (
  seller_tenant_id = (select caller.tenant()) and issued_by = (select caller.subject())
  and (seller_id = (select caller.subject()) or (select caller.has_role('admin')))
  -- No input is believed: media says whose asset it is, and that it is READY.
  and exists (
    select from media.asset_directory(asset_id) a
    where a.tenant_id = seller_tenant_id and a.owner_id = seller_id and a.state = 'READY'
  )
);
grant select, insert on licensing.license to licensing_app;

-- Seats are counted for both sides, and taken by the buyer's alone, each for himself: through the function below.
create policy counted on licensing.seat for select to licensing_app
  using (exists (select from licensing.license l where l.id = license_id));
grant select on licensing.seat to licensing_app;

-- The functions below run as a role that cannot log in and whose policies are these.
grant select on licensing.license to licensing_lookup;
-- Row locks need it; what it may change is nothing that a caller can read back.
grant update (revoked_at) on licensing.license to licensing_lookup;
grant select, insert on licensing.seat to licensing_lookup;
create policy looked_up on licensing.license to licensing_lookup using (true) with check (false);
create policy looked_up on licensing.seat to licensing_lookup using (true) with check (subject = (select caller.subject()));

-- A key, the caller's tenant and an asset: the licence, with a seat taken for the caller. No row when any of them does not fit,
-- so that a wrong key, tenant and asset are one and the same answer. The row lock lets two last seats never be taken at once.
create function licensing.take_seat(hash bytea, asset uuid)
returns table (license_id uuid, expires_at timestamptz, is_expired boolean, is_seated boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found_license licensing.license;
  live boolean;
  seated boolean;
begin
  if caller.subject() is null or caller.tenant() is null then
    return;
  end if;
  select * into found_license from licensing.license l
  where l.key_hash = hash and l.asset_id = asset and l.buyer_tenant_id = caller.tenant() and l.revoked_at is null
  for update;
  if not found then
    return;
  end if;
  live := found_license.expires_at is null or found_license.expires_at > clock_timestamp();
  seated := exists (select from licensing.seat s where s.license_id = found_license.id and s.subject = caller.subject());
  if live and not seated then
    if (select count(*) from licensing.seat s where s.license_id = found_license.id) < found_license.seats then
      insert into licensing.seat (license_id, subject) values (found_license.id, caller.subject());
      seated := true;
    end if;
  end if;
  return query select found_license.id, found_license.expires_at, not live, seated;
end $$;

-- Whether somebody may still download an asset that its owner deleted.
create function licensing.has_running_license(asset uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from licensing.license l
    where l.asset_id = asset and l.revoked_at is null and (l.expires_at is null or l.expires_at > clock_timestamp())
  )
$$;

-- Whether the caller's tenant holds a licence of an asset, running or not: its columns stay readable to it.
create function licensing.is_licensee(asset uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from licensing.license l where l.asset_id = asset and l.buyer_tenant_id = caller.tenant())
$$;

grant create on schema licensing to licensing_lookup;
alter function licensing.take_seat(bytea, uuid) owner to licensing_lookup;
alter function licensing.has_running_license(uuid) owner to licensing_lookup;
alter function licensing.is_licensee(uuid) owner to licensing_lookup;
revoke create on schema licensing from licensing_lookup;

grant usage on schema licensing to intake_worker, janitor, media_app, media_moderator;
set role licensing_lookup;
grant execute on function licensing.take_seat(bytea, uuid) to licensing_app;
grant execute on function licensing.has_running_license(uuid) to intake_worker, janitor;
-- A policy runs as whoever asks through the view.
grant execute on function licensing.is_licensee(uuid) to media_licensed, media_app, media_moderator;
reset role;
