-- What one subgraph's rows say about another's.

create function media.is_still_licensed(asset uuid) returns boolean language sql stable as $$
  select licensing.has_running_license(asset)
$$;
grant execute on function media.is_still_licensed(uuid) to intake_worker, janitor;

-- A licensee reads the storefront's columns of what it licensed, whatever became of it.
grant select on media.asset, media.rendition to media_licensed;
create policy licensed on media.asset for select to media_licensed using ((select caller.tenant()) is not null and licensing.is_licensee(id));
create policy licensed on media.rendition for select to media_licensed
  using (purpose = 'PREVIEW' and exists (select from media.asset a where a.id = asset_id));

create view media.licensed_asset with (security_barrier) as
  select a.id, a.tenant_id, a.owner_id, a.kind, a.state, a.visibility, a.title, a.file_name, a.mime_type, a.size_bytes,
    null::text as sha256, a.epoch, case when a.state = 'READY' then (
      select jsonb_agg(jsonb_build_object('width', r.width, 'height', r.height, 'mimeType', r.mime_type, 'key', r.object_key) order by r.width desc)
      from media.rendition r where r.asset_id = a.id and r.purpose = 'PREVIEW'
    ) end as previews, a.created_at, a.ready_at
  from media.asset a;

grant create on schema media to media_licensed;
alter view media.licensed_asset owner to media_licensed;
revoke create on schema media from media_licensed;
set role media_licensed;
grant select on media.licensed_asset to media_app, media_moderator;
reset role;
