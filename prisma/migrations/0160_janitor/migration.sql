-- The janitor tells that it runs and its rounds are whole, as the drain does.
grant create on schema compliance to compliance_recorder;
set role compliance_recorder;
grant execute on function compliance.beat() to janitor;

-- How long ago the janitor was seen, in seconds; null: never.
create function compliance.janitor_health(out seen_s double precision)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select extract(epoch from clock_timestamp() - h.at) from compliance.heartbeat h where h.part = 'janitor'
$$;
revoke execute on function compliance.janitor_health() from public;
grant execute on function compliance.janitor_health() to compliance_app;
reset role;
revoke create on schema compliance from compliance_recorder;
