-- Assets, what was found out about them, and what was decided. Who sees which row is said here and nowhere else.

create type media.asset_kind as enum ('IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT', 'ARCHIVE', 'PLUGIN');
create type media.asset_state as enum ('AWAITING_UPLOAD', 'RECEIVED', 'SCANNING', 'INSPECTING', 'CLASSIFYING', 'RENDERING',
  'READY', 'QUARANTINED', 'REJECTED', 'EXPIRED', 'DELETED');
create type media.visibility as enum ('PRIVATE', 'TENANT', 'MARKETPLACE');
create type media.stage as enum ('RECEIVE', 'SNIFF', 'SCAN', 'INSPECT', 'MATCH', 'CLASSIFY', 'DECIDE', 'RENDER', 'PUBLISH');
create type media.verdict as enum ('PASS', 'FAIL', 'UNKNOWN');
create type media.bucket as enum ('INCOMING', 'MEDIA', 'QUARANTINE');
create type media.event_type as enum ('CREATED', 'FINALIZED', 'STATE_CHANGED', 'PROGRESS', 'STAGE_FINISHED', 'DECIDED',
  'MODERATED', 'PUBLISHED', 'EXPIRED', 'DELETED');
-- Owners and moderators read different things of the same stage (which list hit is nobody's business but a moderator's),
-- so a row says for whom it was written.
create type media.audience as enum ('OWNER', 'MODERATOR', 'BOTH');
create type media.rendition_purpose as enum ('PREVIEW', 'MODERATION');

create table media.asset (
  id uuid primary key default uuidv7(),
  tenant_id uuid not null,
  owner_id uuid not null,
  state media.asset_state not null default 'AWAITING_UPLOAD',
  visibility media.visibility not null default 'PRIVATE',
  title text not null check (length(title) between 1 and 300),
  file_name text not null check (length(file_name) between 1 and 255),
  -- What the client said. Nothing is concluded from it; it is what the bytes are held against.
  declared_type text not null,
  declared_bytes bigint not null check (declared_bytes > 0),
  declared_sha256 text check (declared_sha256 ~ '^[0-9a-f]{64}$'),
  form_expires_at timestamptz not null,
  -- What the bytes turned out to be.
  kind media.asset_kind,
  mime_type text,
  size_bytes bigint,
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  -- Where they lie. The key comes from the ids, never from a name; the version was pinned by finalizeUpload. Null: nothing is kept.
  bucket media.bucket,
  object_key text not null generated always as ('tenants/' || tenant_id::text || '/media/' || id::text || '/original') stored,
  object_version text,
  -- Runs of the pipeline that left a stage without an answer.
  tries integer not null default 0,
  -- Counts the states it went through, so that whoever worked on an earlier one commits nothing.
  revision integer not null default 0,
  -- Bumped when what was handed out has to end: the edge compares it.
  epoch bigint not null default 0,
  -- The last numbers given, and the transaction that gave them.
  owner_seq integer not null default 0,
  moderator_seq integer not null default 0,
  event_tx xid8 not null default '0',
  created_at timestamptz not null default clock_timestamp(),
  finalized_at timestamptz,
  ready_at timestamptz,
  -- Since when the state holds.
  state_at timestamptz not null default clock_timestamp(),
  unique (id, tenant_id, owner_id),
  check (visibility <> 'MARKETPLACE' or state in ('READY', 'QUARANTINED', 'REJECTED', 'DELETED')),
  check (state <> 'READY' or (bucket = 'MEDIA' and object_version is not null and sha256 is not null and size_bytes is not null
    and mime_type is not null and ready_at is not null))
);
create index asset_of_tenant on media.asset (tenant_id, id desc);
create index asset_of_owner on media.asset (tenant_id, owner_id, id desc);
create index asset_on_sale on media.asset (id desc) where state = 'READY' and visibility = 'MARKETPLACE';
create index asset_in_quarantine on media.asset (id desc) where state = 'QUARANTINED';
create index asset_awaiting on media.asset (owner_id, form_expires_at) where state = 'AWAITING_UPLOAD';

-- A cursor is (tx, id): a plain sequence would skip rows that commit late. Readers stay below pg_snapshot_xmin.
create table media.asset_event (
  tx xid8 not null,
  id bigint not null generated always as identity,
  asset_id uuid not null,
  tenant_id uuid not null,
  owner_id uuid not null,
  at timestamptz not null,
  type media.event_type not null,
  previous_state media.asset_state,
  state media.asset_state not null,
  stage media.stage,
  verdict media.verdict,
  progress_done bigint,
  progress_total bigint,
  audience media.audience not null default 'BOTH',
  owner_seq integer,
  moderator_seq integer,
  -- It entered quarantine, or left it.
  moderation boolean not null generated always as ((state = 'QUARANTINED') <> (coalesce(previous_state, state) = 'QUARANTINED')) stored,
  primary key (tx, id),
  foreign key (asset_id, tenant_id, owner_id) references media.asset (id, tenant_id, owner_id),
  unique (asset_id, owner_seq),
  unique (asset_id, moderator_seq),
  check ((progress_done is null) = (progress_total is null))
);
create index asset_event_of_asset on media.asset_event (asset_id, tx, id);
create index asset_event_moderation on media.asset_event (tx, id) where moderation;

create table media.evidence (
  id uuid primary key default uuidv7(),
  asset_id uuid not null,
  tenant_id uuid not null,
  owner_id uuid not null,
  audience media.audience not null default 'BOTH',
  stage media.stage not null,
  verdict media.verdict not null,
  tool text,
  tool_version text,
  data_version text,
  findings jsonb not null default '[]' check (jsonb_typeof(findings) = 'array'),
  started_at timestamptz not null,
  duration_ms integer not null check (duration_ms >= 0),
  digest text not null,
  foreign key (asset_id, tenant_id, owner_id) references media.asset (id, tenant_id, owner_id)
);
create index evidence_of_asset on media.evidence (asset_id, id);

create table media.decision (
  id uuid primary key default uuidv7(),
  asset_id uuid not null,
  tenant_id uuid not null,
  owner_id uuid not null,
  audience media.audience not null,
  verdict media.verdict not null,
  policy_version text not null,
  reasons text[] not null,
  -- The moderator's own words: for moderators.
  note text check (note is null or audience = 'MODERATOR'),
  decided_at timestamptz not null default clock_timestamp(),
  decided_by text not null,
  foreign key (asset_id, tenant_id, owner_id) references media.asset (id, tenant_id, owner_id)
);
create index decision_of_asset on media.decision (asset_id, id);

create table media.rendition (
  asset_id uuid not null,
  tenant_id uuid not null,
  owner_id uuid not null,
  purpose media.rendition_purpose not null,
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  mime_type text not null,
  size_bytes bigint not null,
  bucket media.bucket not null check (bucket = case purpose when 'PREVIEW' then 'MEDIA'::media.bucket else 'QUARANTINE' end),
  object_key text not null,
  object_version text not null,
  primary key (asset_id, purpose, object_key),
  foreign key (asset_id, tenant_id, owner_id) references media.asset (id, tenant_id, owner_id)
);

-- Bytes that are refused by their digest. What is on an ABSOLUTE list no moderator releases.
create table media.block_hash (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  list text not null check (list ~ '^[a-z0-9-]{1,40}$'),
  is_absolute boolean not null default false,
  note text not null default '',
  added_at timestamptz not null default clock_timestamp(),
  added_by text not null,
  removed_at timestamptz
);

-- What a tenant demands and allows, by version; the newest holds.
create table media.tenant_policy (
  tenant_id uuid not null,
  version integer not null check (version > 0),
  settings jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, version)
);

do $$
declare name text;
begin
  foreach name in array array['asset', 'asset_event', 'evidence', 'decision', 'rendition', 'block_hash', 'tenant_policy'] loop
    execute format('alter table media.%I enable row level security', name);
    execute format('alter table media.%I force row level security', name);
  end loop;
end $$;

-- The transitions, and the role that may make each. `src/intake/transitions.ts` says the same; a test compares them.
create function media.transitions() returns table (before media.asset_state, after media.asset_state, by_role name)
language sql immutable parallel safe as $$
  select * from (values
    ('AWAITING_UPLOAD'::media.asset_state, 'RECEIVED'::media.asset_state, 'media_app'::name),
    ('AWAITING_UPLOAD', 'DELETED', 'media_app'),
    ('AWAITING_UPLOAD', 'EXPIRED', 'janitor'),
    ('RECEIVED', 'SCANNING', 'intake_worker'),
    ('RECEIVED', 'QUARANTINED', 'intake_worker'),
    ('SCANNING', 'INSPECTING', 'intake_worker'),
    ('SCANNING', 'REJECTED', 'intake_worker'),
    ('SCANNING', 'QUARANTINED', 'intake_worker'),
    ('INSPECTING', 'CLASSIFYING', 'intake_worker'),
    ('INSPECTING', 'REJECTED', 'intake_worker'),
    ('INSPECTING', 'QUARANTINED', 'intake_worker'),
    ('CLASSIFYING', 'RENDERING', 'intake_worker'),
    ('CLASSIFYING', 'QUARANTINED', 'intake_worker'),
    ('RENDERING', 'READY', 'intake_worker'),
    ('RENDERING', 'QUARANTINED', 'intake_worker'),
    ('READY', 'DELETED', 'media_app'),
    ('READY', 'QUARANTINED', 'media_verdict'),
    ('QUARANTINED', 'RENDERING', 'media_verdict'),
    ('QUARANTINED', 'REJECTED', 'media_verdict'),
    ('QUARANTINED', 'RECEIVED', 'media_verdict'),
    ('REJECTED', 'DELETED', 'media_app'),
    ('EXPIRED', 'DELETED', 'media_app')
  ) as t (before, after, by_role)
$$;

create function media.guard_transition() returns trigger language plpgsql as $$
begin
  if new.state = old.state then return new; end if;
  if not exists (
    select from media.transitions() t where t.before = old.state and t.after = new.state and t.by_role = current_user
  ) then
    raise exception '% may not take an asset from % to %.', current_user, old.state, new.state using errcode = 'AS422';
  end if;
  new.state_at := clock_timestamp();
  new.revision := old.revision + 1;
  return new;
end $$;
create trigger asset_transition before update on media.asset for each row execute function media.guard_transition();

create function media.guard_first_state() returns trigger language plpgsql as $$
begin
  if new.state <> 'AWAITING_UPLOAD' then
    raise exception 'An asset begins as AWAITING_UPLOAD.' using errcode = 'AS422';
  end if;
  return new;
end $$;
create trigger asset_first_state before insert on media.asset for each row execute function media.guard_first_state();

-- Writers of one asset come one after the other, and each takes this lock before its first write: then the order of
-- transaction ids is the order of the numbers, and the order in which readers see them.
create function media.lock_asset(asset uuid) returns void language sql volatile as $$
  select pg_advisory_xact_lock(hashtextextended('asset:' || asset::text, 0))
$$;

-- Numbers an event for each of its audiences. Runs as media_verdict, since a writer cannot see what others were told.
create function media.number_event() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare a media.asset;
begin
  update media.asset set
    owner_seq = owner_seq + (new.audience <> 'MODERATOR')::integer,
    moderator_seq = moderator_seq + (new.audience <> 'OWNER')::integer,
    event_tx = pg_current_xact_id()
  where id = new.asset_id and event_tx <= pg_current_xact_id()
  returning * into a;
  if not found then
    raise exception 'The asset was written to by a later transaction.' using errcode = 'serialization_failure';
  end if;
  if new.state <> a.state then
    raise exception 'An event tells the state as it is.' using errcode = 'AS422';
  end if;
  new.tx := pg_current_xact_id();
  new.at := clock_timestamp();
  new.tenant_id := a.tenant_id;
  new.owner_id := a.owner_id;
  new.owner_seq := case when new.audience <> 'MODERATOR' then a.owner_seq end;
  new.moderator_seq := case when new.audience <> 'OWNER' then a.moderator_seq end;
  return new;
end $$;
create trigger asset_event_number before insert on media.asset_event for each row execute function media.number_event();

-- A state without its event would be a change that nobody was told of.
create function media.demand_event() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (
    select from media.asset_event e
    where e.asset_id = new.id and e.tx = pg_current_xact_id() and e.state = new.state
  ) then
    raise exception 'The state % of an asset has no event.', new.state using errcode = 'AS422';
  end if;
  return null;
end $$;
create constraint trigger asset_state_told after insert or update of state on media.asset
  deferrable initially deferred for each row execute function media.demand_event();

-- What is written about an asset stays as it was written, whoever has which grant.
create function media.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only.', tg_table_name using errcode = 'AS403';
end $$;
create trigger append_only before update or delete on media.asset_event for each row execute function media.refuse_change();
create trigger append_only before update or delete on media.evidence for each row execute function media.refuse_change();
create trigger append_only before update or delete on media.decision for each row execute function media.refuse_change();
create trigger no_truncate before truncate on media.asset_event for each statement execute function media.refuse_change();
create trigger no_truncate before truncate on media.evidence for each statement execute function media.refuse_change();
create trigger no_truncate before truncate on media.decision for each statement execute function media.refuse_change();

-- The gateway's role: a caller's own rows, and what the caller's tenant shares.
grant select, insert on media.asset to media_app;
grant update (state, visibility, declared_sha256, finalized_at, bucket, object_version, epoch) on media.asset to media_app;
grant select, insert on media.asset_event to media_app;
grant select on media.evidence, media.decision, media.rendition, media.tenant_policy to media_app;

create policy tenant_reads on media.asset for select to media_app using (
  tenant_id = (select caller.tenant()) and (
    owner_id = (select caller.subject())
    or (select caller.has_role('admin'))
    or (state = 'READY' and visibility = 'MARKETPLACE')
    or (state = 'READY' and visibility = 'TENANT' and (select caller.has_role('buyer') or caller.has_role('author') or caller.has_role('reviewer')))
  )
);
create policy owner_uploads on media.asset for insert to media_app with check (
  tenant_id = (select caller.tenant()) and owner_id = (select caller.subject()) and visibility <> 'MARKETPLACE'
  and (select caller.has_role('author') or caller.has_role('reviewer'))
);
create policy owner_changes on media.asset for update to media_app using (
  tenant_id = (select caller.tenant()) and (owner_id = (select caller.subject()) or (select caller.has_role('admin')))
);

create policy owner_reads on media.asset_event for select to media_app using (
  owner_seq is not null and tenant_id = (select caller.tenant())
  and (owner_id = (select caller.subject()) or (select caller.has_role('admin')))
);
create policy owner_tells on media.asset_event for insert to media_app with check (
  tenant_id = (select caller.tenant()) and (owner_id = (select caller.subject()) or (select caller.has_role('admin')))
);
create policy owner_reads on media.evidence for select to media_app using (
  audience <> 'MODERATOR' and tenant_id = (select caller.tenant())
  and (owner_id = (select caller.subject()) or (select caller.has_role('admin')))
);
create policy owner_reads on media.decision for select to media_app using (
  audience <> 'MODERATOR' and tenant_id = (select caller.tenant())
  and (owner_id = (select caller.subject()) or (select caller.has_role('admin')))
);
-- A preview is as visible as its asset: the inner select is under the asset's own policies.
create policy with_asset on media.rendition for select to media_app using (
  purpose = 'PREVIEW' and tenant_id = (select caller.tenant())
  and exists (select from media.asset a where a.id = asset_id and a.state = 'READY')
);
create policy own_tenant on media.tenant_policy for select to media_app using (tenant_id = (select caller.tenant()));

-- Moderators: what is in quarantine, whoever owns it, and what enters or leaves it.
grant select on media.asset, media.asset_event, media.evidence, media.decision, media.rendition, media.block_hash to media_moderator;
grant insert on media.block_hash to media_moderator;
grant update (list, is_absolute, note, added_at, added_by, removed_at) on media.block_hash to media_moderator;

create policy in_quarantine on media.asset for select to media_moderator
  using (state = 'QUARANTINED' and (select caller.has_role('platform_admin')));
create policy in_quarantine on media.asset_event for select to media_moderator using (
  moderator_seq is not null and (select caller.has_role('platform_admin'))
  and (moderation or exists (select from media.asset a where a.id = asset_id))
);
create policy in_quarantine on media.evidence for select to media_moderator
  using (audience <> 'OWNER' and exists (select from media.asset a where a.id = asset_id));
create policy in_quarantine on media.decision for select to media_moderator
  using (audience <> 'OWNER' and exists (select from media.asset a where a.id = asset_id));
create policy in_quarantine on media.rendition for select to media_moderator
  using (purpose = 'MODERATION' and exists (select from media.asset a where a.id = asset_id));
create policy moderators_keep on media.block_hash to media_moderator
  using ((select caller.has_role('platform_admin') or caller.actor() = 'system:operator'));

-- The intake worker reads what it works on, and writes with the asset's tenant set.
grant select on media.asset, media.asset_event, media.evidence, media.decision, media.rendition, media.block_hash, media.tenant_policy
  to intake_worker;
grant update (state, kind, mime_type, size_bytes, sha256, bucket, object_version, tries, revision, ready_at) on media.asset to intake_worker;
grant insert on media.asset_event, media.evidence, media.decision to intake_worker;
grant insert, update, delete on media.rendition to intake_worker;

create policy worker_reads on media.asset for select to intake_worker using (true);
create policy worker_changes on media.asset for update to intake_worker using (tenant_id = (select caller.tenant()));
create policy worker_reads on media.asset_event for select to intake_worker using (true);
create policy worker_tells on media.asset_event for insert to intake_worker with check (tenant_id = (select caller.tenant()));
create policy worker_reads on media.evidence for select to intake_worker using (true);
create policy worker_writes on media.evidence for insert to intake_worker with check (tenant_id = (select caller.tenant()));
create policy worker_reads on media.decision for select to intake_worker using (true);
create policy worker_writes on media.decision for insert to intake_worker with check (tenant_id = (select caller.tenant()));
create policy worker_keeps on media.rendition to intake_worker using (tenant_id = (select caller.tenant()));
create policy worker_reads on media.block_hash for select to intake_worker using (removed_at is null);
create policy worker_reads on media.tenant_policy for select to intake_worker using (true);

-- The janitor knows where bytes lie and for how long, and no more of an asset.
grant select (id, tenant_id, owner_id, state, state_at, form_expires_at, bucket, object_key, object_version) on media.asset to janitor;
grant update (state, bucket, object_version) on media.asset to janitor;
grant select (asset_id, tenant_id, purpose, bucket, object_key, object_version) on media.rendition to janitor;
grant insert on media.asset_event to janitor;
grant delete on media.rendition to janitor;
create policy janitor_reads on media.asset for select to janitor using (true);
create policy janitor_changes on media.asset for update to janitor using (tenant_id = (select caller.tenant()));
create policy janitor_tells on media.asset_event for insert to janitor with check (tenant_id = (select caller.tenant()));
create policy janitor_reads on media.rendition for select to janitor using (true);
create policy janitor_deletes on media.rendition for delete to janitor using (tenant_id = (select caller.tenant()));

-- The hand behind the definer functions below: they look at who asks, it looks at everything.
grant select, insert, update on media.asset, media.asset_event, media.decision to media_verdict;
grant select on media.evidence, media.block_hash to media_verdict;
grant select, insert on media.tenant_policy to media_verdict;
create policy verdict on media.asset to media_verdict using (true);
create policy verdict on media.asset_event to media_verdict using (true);
create policy verdict on media.decision to media_verdict using (true);
create policy verdict on media.evidence for select to media_verdict using (true);
create policy verdict on media.block_hash for select to media_verdict using (removed_at is null);
create policy verdict on media.tenant_policy to media_verdict using (true);

-- The storefront: READY and MARKETPLACE, and only the columns a stranger may read. The view's owner cannot log in.
grant select on media.asset, media.rendition to media_storefront;
create policy on_sale on media.asset for select to media_storefront using (state = 'READY' and visibility = 'MARKETPLACE');
create policy on_sale on media.rendition for select to media_storefront
  using (purpose = 'PREVIEW' and exists (select from media.asset a where a.id = asset_id));

-- Previews come widest first.
create view media.storefront_asset with (security_barrier) as
  select a.id, a.tenant_id, a.owner_id, a.kind, a.state, a.visibility, a.title, a.file_name, a.mime_type, a.size_bytes,
    null::text as sha256, a.epoch, (
      select jsonb_agg(jsonb_build_object('width', r.width, 'height', r.height, 'mimeType', r.mime_type, 'key', r.object_key) order by r.width desc)
      from media.rendition r where r.asset_id = a.id and r.purpose = 'PREVIEW'
    ) as previews, a.created_at, a.ready_at
  from media.asset a
  where a.state = 'READY' and a.visibility = 'MARKETPLACE';

-- Everything of an asset that its own tenant or a moderator may read, under the reader's own policies.
create view media.known_asset with (security_invoker) as
  select a.id, a.tenant_id, a.owner_id, a.kind, a.state, a.visibility, a.title, a.file_name, a.mime_type, a.size_bytes,
    a.sha256, a.epoch, case when a.state = 'READY' then (
      select jsonb_agg(jsonb_build_object('width', r.width, 'height', r.height, 'mimeType', r.mime_type, 'key', r.object_key) order by r.width desc)
      from media.rendition r where r.asset_id = a.id and r.purpose = 'PREVIEW'
    ) end as previews, a.created_at, a.ready_at
  from media.asset a;

-- licensing asks this in the transaction that makes a licence or a grant.
grant select on media.asset to media_directory;
create policy directory on media.asset for select to media_directory using (true);
create function media.asset_directory(asset uuid)
returns table (id uuid, tenant_id uuid, owner_id uuid, state text, visibility text, store_key text, store_version text,
  file_name text, mime text, size_bytes bigint, sha256 text, epoch bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select a.id, a.tenant_id, a.owner_id, a.state::text, a.visibility::text, a.object_key,
    case when a.bucket = 'MEDIA' then a.object_version end, a.file_name, a.mime_type, a.size_bytes, a.sha256, a.epoch
  from media.asset a where a.id = asset
$$;

-- A moderator's verdict. One function, since row security lets nobody write a row that he could not read afterwards.
-- Whether a stage stayed without an answer; a RETRY asks those again, and keeps what was answered.
create function media.is_retryable(asset uuid) returns boolean language sql stable as $$
  select coalesce(bool_or(latest.verdict = 'UNKNOWN'), false) from (
    select distinct on (e.stage) e.verdict from media.evidence e
    where e.asset_id = asset and e.audience <> 'OWNER' order by e.stage, e.id desc
  ) latest
$$;

-- A person overrides opinion, never malware: RELEASE needs RECEIVE, SNIFF, SCAN and INSPECT to have passed.
create function media.is_releasable(asset uuid) returns boolean language sql stable as $$
  select count(*) filter (where latest.verdict = 'PASS') = 4 from (
    select distinct on (e.stage) e.stage, e.verdict from media.evidence e
    where e.asset_id = asset and e.audience <> 'OWNER' and e.stage in ('RECEIVE', 'SNIFF', 'SCAN', 'INSPECT')
    order by e.stage, e.id desc
  ) latest
$$;

create function media.moderate(target uuid, verdict text, reason text) returns setof media.asset
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  a media.asset;
  was media.asset_state;
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
  perform compliance.record('asset.moderate', target::text, verdict);
  return query select * from media.asset where id = target;
end $$;

create function media.tell_moderated(target uuid, was media.asset_state, now_is media.asset_state) returns void language sql as $$
  insert into media.asset_event (asset_id, type, previous_state, state) values (target, 'MODERATED', was, now_is)
$$;

-- The owner learns what was decided, the moderators by whom and why.
create function media.decide_by_person(a media.asset, verdict media.verdict, reasons text[], note text) returns void
language sql as $$
  insert into media.decision (asset_id, tenant_id, owner_id, audience, verdict, policy_version, reasons, note, decided_by) values
    (a.id, a.tenant_id, a.owner_id, 'MODERATOR', verdict, 'person', reasons, note, caller.actor()),
    (a.id, a.tenant_id, a.owner_id, 'OWNER', verdict, 'person', reasons, null, 'moderator')
$$;

-- A tenant's policy gets a new version when it differs from the newest.
create function media.set_tenant_policy(tenant uuid, wanted jsonb) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare newest media.tenant_policy;
begin
  perform pg_advisory_xact_lock(hashtextextended('policy:' || tenant::text, 0));
  select * into newest from media.tenant_policy where tenant_id = tenant order by version desc limit 1;
  if found and newest.settings = wanted then return newest.version; end if;
  insert into media.tenant_policy (tenant_id, version, settings) values (tenant, coalesce(newest.version, 0) + 1, wanted);
  perform compliance.record('policy.set', tenant::text, (coalesce(newest.version, 0) + 1)::text);
  return coalesce(newest.version, 0) + 1;
end $$;

grant create on schema media to media_verdict, media_directory, media_storefront;
alter function media.number_event() owner to media_verdict;
alter function media.demand_event() owner to media_verdict;
alter function media.moderate(uuid, text, text) owner to media_verdict;
alter function media.set_tenant_policy(uuid, jsonb) owner to media_verdict;
alter function media.asset_directory(uuid) owner to media_directory;
alter view media.storefront_asset owner to media_storefront;
revoke create on schema media from media_verdict, media_directory, media_storefront;

grant execute on function media.transitions() to media_app, media_verdict, intake_worker, janitor;
grant execute on function media.lock_asset(uuid) to media_app, media_verdict, intake_worker, janitor;
grant execute on function media.is_retryable(uuid), media.is_releasable(uuid),
  media.tell_moderated(uuid, media.asset_state, media.asset_state), media.decide_by_person(media.asset, media.verdict, text[], text)
  to media_verdict;
grant select on media.known_asset to media_app, media_moderator;
set role media_verdict;
grant execute on function media.moderate(uuid, text, text) to media_moderator;
grant execute on function media.set_tenant_policy(uuid, jsonb) to assay_owner;
reset role;
set role media_directory;
grant execute on function media.asset_directory(uuid) to licensing_app;
reset role;
set role media_storefront;
grant select on media.storefront_asset to media_app, media_moderator;
reset role;
