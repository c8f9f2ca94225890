-- Somebody who is nobody is not the holder either: `requester = null` is null, and `not null` refused nothing.
grant create on schema compliance to compliance_access;
set role compliance_access;
create or replace function compliance.revoke_access(request uuid) returns setof compliance.access_request
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare found_request compliance.access_request;
begin
  if caller.subject() is null then
    raise exception 'Sign in to do this.' using errcode = 'AS401';
  end if;
  select * into found_request from compliance.access_request where id = request for update;
  if not found or not (coalesce(caller.has_role('platform_admin'), false) or found_request.requester = caller.subject()) then
    raise exception 'There is no such request.' using errcode = 'AS404';
  end if;
  if found_request.revoked_at is null then
    update compliance.access_request r set revoked_by = caller.subject(), revoked_at = clock_timestamp()
    where r.id = request returning * into found_request;
    perform compliance.record('access.revoke', request::text, found_request.scope);
  end if;
  return next found_request;
end $$;
reset role;
revoke create on schema compliance from compliance_access;
