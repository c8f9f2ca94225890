-- The drain tells that it runs, and what came by the stream and is no redemption is kept aside, where health sees it.

create table compliance.dead_letter (
  stream_id text primary key,
  -- As it stood in the stream, as JSON in a text: it may hold what no other type takes.
  content text not null check (length(content) <= 10000),
  reason text not null check (length(reason) <= 500),
  at timestamptz(3) not null default clock_timestamp()
);
create table compliance.heartbeat (
  part text primary key,
  at timestamptz not null
);
alter table compliance.dead_letter enable row level security;
alter table compliance.dead_letter force row level security;
alter table compliance.heartbeat enable row level security;
alter table compliance.heartbeat force row level security;

grant select, insert on compliance.dead_letter to compliance_recorder;
create policy kept on compliance.dead_letter to compliance_recorder using (true) with check (true);
grant select, insert, update on compliance.heartbeat to compliance_recorder;
create policy beaten on compliance.heartbeat to compliance_recorder using (true) with check (true);

-- Once each, however often the stream delivers it.
create function compliance.set_aside(stream text, content text, reason text) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into compliance.dead_letter (stream_id, content, reason)
  values (stream, left(content, 10000), left(reason, 500)) on conflict do nothing
$$;

-- Whose heart it is, is the role that is signed in: nobody tells of another's.
create function compliance.beat() returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into compliance.heartbeat values (session_user, clock_timestamp())
  on conflict (part) do update set at = excluded.at
$$;

-- How long ago the drain was seen (null: never), and how much was set aside.
create function compliance.drain_health(out seen_s double precision, out set_aside bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select (select extract(epoch from clock_timestamp() - h.at) from compliance.heartbeat h where h.part = 'audit_writer'),
    (select count(*) from compliance.dead_letter)
$$;

grant create on schema compliance to compliance_recorder;
alter function compliance.set_aside(text, text, text) owner to compliance_recorder;
alter function compliance.beat() owner to compliance_recorder;
alter function compliance.drain_health() owner to compliance_recorder;
revoke create on schema compliance from compliance_recorder;
set role compliance_recorder;
revoke execute on function compliance.set_aside(text, text, text), compliance.beat(), compliance.drain_health() from public;
grant execute on function compliance.set_aside(text, text, text), compliance.beat() to audit_writer;
grant execute on function compliance.drain_health() to compliance_app;
reset role;
