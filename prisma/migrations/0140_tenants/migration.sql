-- Whether there is a tenant of this id: a licence for nobody would keep an asset's bytes for ever.
create function identity.has_tenant(tenant uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from identity.tenant t where t.id = has_tenant.tenant)
$$;
revoke execute on function identity.has_tenant(uuid) from public;
grant usage on schema identity to licensing_app;
grant execute on function identity.has_tenant(uuid) to licensing_app;

grant create on schema identity to identity_directory;
alter function identity.has_tenant(uuid) owner to identity_directory;
revoke create on schema identity from identity_directory;
