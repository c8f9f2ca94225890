-- What was refused is in the trail where it matters for security, and a flood of it fills nothing.

-- How often somebody was refused one thing in the minute that runs: a row an actor and action, whatever the flood.
create table compliance.refusal_count (
  actor text not null,
  action text not null,
  minute timestamptz not null,
  refusals integer not null,
  primary key (actor, action)
);
alter table compliance.refusal_count enable row level security;
alter table compliance.refusal_count force row level security;
grant select, insert, update on compliance.refusal_count to compliance_recorder;
create policy counted on compliance.refusal_count to compliance_recorder using (true) with check (true);

-- A reading says what was asked for, by up to three texts.
alter table compliance.audit_entry drop constraint audit_entry_subject_check;
alter table compliance.audit_entry add constraint audit_entry_subject_check check (length(subject) <= 400);

-- The first ten of a minute are an entry each; of the rest the hundredth, the thousandth and so on, which say how many they are.
create function compliance.record_refusal(action text, subject text, outcome text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare refused integer;
begin
  insert into compliance.refusal_count as c values (caller.actor(), action, date_trunc('minute', clock_timestamp()), 1)
  on conflict on constraint refusal_count_pkey do update set
    refusals = case when c.minute = excluded.minute then c.refusals + 1 else 1 end,
    minute = excluded.minute
  returning c.refusals into refused;
  if refused <= 10 then
    perform compliance.record(action, subject, outcome);
  elsif refused in (100, 1000, 10000, 100000, 1000000) then
    perform compliance.record(action, subject, outcome || ', ' || refused || ' in this minute');
  end if;
end $$;

grant create on schema compliance to compliance_recorder;
alter function compliance.record_refusal(text, text, text) owner to compliance_recorder;
revoke create on schema compliance from compliance_recorder;
set role compliance_recorder;
revoke execute on function compliance.record_refusal(text, text, text) from public;
grant execute on function compliance.record_refusal(text, text, text) to licensing_app, compliance_app, audit_reader;
reset role;

-- A moderator's verdict is about the asset's tenant, as the intake's is.
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
