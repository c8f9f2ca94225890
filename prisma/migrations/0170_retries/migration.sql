-- What a moderator wrote when an asset was to be looked at again is kept, for moderators, as with every other verdict.
grant create on schema media to media_verdict;
set role media_verdict;
create or replace function media.moderate(target uuid, verdict text, reason text) returns setof media.asset
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  a media.asset;
  was media.asset_state;
  own_tenant text := current_setting('assay.tenant', true);
begin
  if caller.subject() is null or not caller.has_role('platform_admin') then
    raise exception 'Only a moderator of the platform does this.' using errcode = 'AS403';
  end if;
  perform media.lock_asset(target);
  select * into a from media.asset where id = target for update;
  if not found or not (a.state = 'QUARANTINED' or (a.state = 'READY' and a.visibility = 'MARKETPLACE')) then
    raise exception 'There is no such asset.' using errcode = 'AS404';
  end if;
  was := a.state;

  case verdict
  when 'RELEASE' then
    if was <> 'QUARANTINED' then
      raise exception 'Only what is in quarantine can be released.' using errcode = 'AS422';
    end if;
    if not media.is_releasable(target) then
      raise exception 'This asset did not pass receive, sniff, scan and inspect, which nobody overrides.' using errcode = 'AS422';
    end if;
    if exists (select from media.block_hash b where b.sha256 = a.sha256 and b.is_absolute) then
      raise exception 'This asset is on a list that nobody overrides.' using errcode = 'AS422';
    end if;
    update media.asset set state = 'RENDERING' where id = target;
    perform media.tell_moderated(target, was, 'RENDERING');
    perform media.decide_by_person(a, 'PASS', '{RELEASED}', reason);
    perform media.enqueue('render', target);
  when 'REJECT' then
    if was = 'READY' then
      update media.asset set state = 'QUARANTINED' where id = target;
      perform media.tell_moderated(target, 'READY', 'QUARANTINED');
    end if;
    update media.asset set state = 'REJECTED', epoch = epoch + 1 where id = target;
    perform media.tell_moderated(target, 'QUARANTINED', 'REJECTED');
    perform media.decide_by_person(a, 'FAIL', '{REJECTED}', reason);
    perform media.enqueue('epoch', target);
    perform media.enqueue('tidy', target);
  when 'RETRY' then
    if was <> 'QUARANTINED' or not media.is_retryable(target) then
      raise exception 'No stage of this asset stayed without an answer.' using errcode = 'AS422';
    end if;
    update media.asset set state = 'RECEIVED', tries = 0 where id = target;
    perform media.tell_moderated(target, was, 'RECEIVED');
    -- To moderators alone: nothing was decided that an owner would learn.
    insert into media.decision (asset_id, tenant_id, owner_id, audience, verdict, policy_version, reasons, note, decided_by)
      values (a.id, a.tenant_id, a.owner_id, 'MODERATOR', 'UNKNOWN', 'person', '{RETRIED}', reason, caller.actor());
    perform media.enqueue('intake', target);
  else
    raise exception 'A verdict is RELEASE, REJECT or RETRY.' using errcode = 'AS400';
  end case;
  perform set_config('assay.tenant', a.tenant_id::text, true);
  perform compliance.record('asset.moderate', target::text, verdict);
  perform set_config('assay.tenant', coalesce(own_tenant, ''), true);
  return query select * from media.asset where id = target;
end $$;

reset role;
revoke create on schema media from media_verdict;
