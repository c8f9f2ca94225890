-- What one subgraph's rows say about another's.

do $$
begin
  if to_regclass('licensing.license') is null then
    execute $fn$create function media.is_still_licensed(asset uuid) returns boolean language sql stable as 'select false'$fn$;
    execute 'create view media.licensed_asset with (security_invoker) as select * from media.storefront_asset where false';
  end if;
end $$;
grant execute on function media.is_still_licensed(uuid) to intake_worker, janitor;
grant select on media.licensed_asset to media_app, media_moderator;
