-- Three numbers of an asset, by what they end: `epoch` every preview link, `owner_epoch` what the owner may download, `void_epoch`
-- what anybody may. A delete and a take-back must not end what was paid for; a rejection must.
alter table media.asset
  add column owner_epoch bigint not null default 0,
  add column void_epoch bigint not null default 0;
update media.asset set owner_epoch = epoch, void_epoch = epoch where epoch > 0;

create function media.spread_epoch() returns trigger language plpgsql as $$
begin
  if new.epoch > old.epoch then
    if new.state in ('QUARANTINED', 'REJECTED') then
      new.void_epoch := new.epoch;
    elsif new.state = 'DELETED' then
      new.owner_epoch := new.epoch;
    end if;
  end if;
  return new;
end
$$;
create trigger asset_epochs before update of epoch on media.asset for each row execute function media.spread_epoch();
