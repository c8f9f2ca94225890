-- graphile-worker's own tables have row security and no policies. The worker's role runs jobs, and runs no migration.
grant usage on schema graphile_worker to intake_worker, media_jobs;
grant select, insert, update, delete on all tables in schema graphile_worker to intake_worker;
grant execute on all functions in schema graphile_worker to intake_worker;

do $$
declare name text;
begin
  foreach name in array array['_private_jobs', '_private_tasks', '_private_job_queues', '_private_known_crontabs'] loop
    execute format('create policy worker on graphile_worker.%I to intake_worker using (true) with check (true)', name);
  end loop;
end $$;

-- A job is added in the transaction that needs it, by whoever makes the change, and only one of these.
grant select, insert, update on graphile_worker._private_jobs, graphile_worker._private_tasks, graphile_worker._private_job_queues to media_jobs;
create policy adds on graphile_worker._private_jobs to media_jobs using (true) with check (true);
create policy adds on graphile_worker._private_tasks to media_jobs using (true) with check (true);
create policy adds on graphile_worker._private_job_queues to media_jobs using (true) with check (true);
grant execute on all functions in schema graphile_worker to media_jobs;

-- Known from the beginning: the first job of a task would otherwise hold up every other transaction that adds one.
insert into graphile_worker._private_tasks (identifier) values ('intake'), ('render'), ('epoch'), ('tidy') on conflict do nothing;

-- One job a task and asset waits at a time. It is tried until it succeeds: which stage gives up when is the pipeline's own matter.
create function media.enqueue(task text, asset uuid, delay interval default '0') returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if task not in ('intake', 'render', 'epoch', 'tidy') then
    raise exception 'There is no such task as %.', task using errcode = 'AS400';
  end if;
  perform graphile_worker.add_job(
    task, json_build_object('asset', asset), run_at => now() + delay, max_attempts => 10000, job_key => task || ':' || asset::text
  );
end $$;

grant create on schema media to media_jobs;
alter function media.enqueue(text, uuid, interval) owner to media_jobs;
revoke create on schema media from media_jobs;
set role media_jobs;
grant execute on function media.enqueue(text, uuid, interval) to media_app, media_verdict, intake_worker, janitor;
reset role;
