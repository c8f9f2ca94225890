-- A job goes on with the trace of the transaction that added it (W3C Trace Context), where there is one.
grant create on schema media to media_jobs;
set role media_jobs;
create or replace function media.enqueue(task text, asset uuid, delay interval default '0') returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare trace text := substring(current_setting('assay.trace', true) from '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
begin
  if task not in ('intake', 'render', 'epoch', 'tidy') then
    raise exception 'There is no such task as %.', task using errcode = 'AS400';
  end if;
  perform graphile_worker.add_job(
    task,
    json_strip_nulls(json_build_object('asset', asset, 'trace', trace)),
    run_at => now() + delay, max_attempts => 10000, job_key => task || ':' || asset::text
  );
end $$;
reset role;
revoke create on schema media from media_jobs;
