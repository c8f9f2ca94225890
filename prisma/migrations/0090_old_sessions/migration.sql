-- A session's row outlives its end, since it is what keeps the tokens of before dead: for longer than any provider keeps a session
-- that could still make new ones. Then it goes, and with it an address and a browser's name; the audit trail keeps that it was.
create index session_over on identity.session ((greatest(expires_at, coalesce(ended_at, expires_at))));

grant delete on identity.session to identity_accounts;
grant create on schema identity to identity_accounts;
set role identity_accounts;

create function identity.forget_sessions(at_most integer) returns integer
language sql set search_path = pg_catalog, pg_temp as $$
  with forgotten as (
    delete from identity.session s where s.id in (
      select o.id from identity.session o
      where greatest(o.expires_at, coalesce(o.ended_at, o.expires_at)) < now() - interval '90 days'
      order by greatest(o.expires_at, coalesce(o.ended_at, o.expires_at)) limit at_most for update skip locked)
    returning 1
  )
  select count(*)::integer from forgotten
$$;

-- Each new session makes room for itself, and for some more: no table grows without an end, and nobody waits for a great sweep.
create function identity.make_room() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform identity.forget_sessions(20);
  return null;
end $$;
revoke execute on function identity.forget_sessions(integer), identity.make_room() from public;
grant execute on function identity.make_room() to assay_owner;

reset role;
create trigger session_makes_room after insert on identity.session
  for each statement execute function identity.make_room();
revoke create on schema identity from identity_accounts;
