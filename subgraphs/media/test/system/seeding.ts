import { randomUUID } from 'node:crypto';
import type { Principal } from '@assay/principal';
import type { House } from './house.ts';

export interface SeededAsset {
  readonly owner: Principal;
  readonly state: string;
  readonly visibility: string;
}

/**
 * Puts an asset into any state at once, with one piece of evidence, a decision, an event and a preview, as no part could:
 * past the triggers, as the server's administrator.
 */
export async function seedAsset(house: House, { owner, state, visibility }: SeededAsset): Promise<string> {
  const ids = [randomUUID(), owner.tenantId, owner.subject];
  await house.sql('begin');
  await house.sql(`set local session_replication_role = replica`);
  const isStored = state !== 'AWAITING_UPLOAD' && state !== 'EXPIRED';
  await house.sql(
    `insert into media.asset (id, tenant_id, owner_id, state, visibility, title, file_name, declared_type, declared_bytes, form_expires_at,
       kind, mime_type, size_bytes, sha256, bucket, object_version, ready_at, owner_seq, moderator_seq)
     values (uuidv7(), $2, $3, $4::media.asset_state, $5::media.visibility, $1, 'seeded.jpg', 'image/jpeg', 5, now() + interval '15 minutes',
       'IMAGE', 'image/jpeg', 5, repeat('a', 64), case when $6 then case when $4 in ('QUARANTINED', 'REJECTED') then 'QUARANTINE'::media.bucket
       when $4 = 'READY' then 'MEDIA' else 'INCOMING' end end, case when $6 then 'v1' end, now(), 1, 1)`,
    ...ids,
    state,
    visibility,
    isStored,
  );
  const [row] = await house.sql<{ id: string }>('select id from media.asset where title = $1', ids[0]);
  const id = row?.id ?? '';
  const of = [id, owner.tenantId, owner.subject];
  for (const stage of ['RECEIVE', 'SNIFF', 'SCAN', 'INSPECT']) {
    await house.sql(
      `insert into media.evidence (asset_id, tenant_id, owner_id, stage, verdict, started_at, duration_ms, digest) values ($1, $2, $3, $4::media.stage, 'PASS', now(), 1, '')`,
      ...of,
      stage,
    );
  }
  // What was matched is for moderators alone, who are not told what owners are told in its place.
  for (const [stage, audience] of [
    ['MATCH', 'MODERATOR'],
    ['CLASSIFY', 'OWNER'],
  ]) {
    await house.sql(
      `insert into media.evidence (asset_id, tenant_id, owner_id, stage, audience, verdict, started_at, duration_ms, digest)
       values ($1, $2, $3, $4::media.stage, $5::media.audience, 'FAIL', now(), 1, '')`,
      ...of,
      stage,
      audience,
    );
  }
  await house.sql(
    `insert into media.decision (asset_id, tenant_id, owner_id, audience, verdict, policy_version, reasons, decided_by)
     values ($1, $2, $3, 'BOTH', 'UNKNOWN', 'test', '{}', 'system:intake')`,
    ...of,
  );
  await house.sql(
    `insert into media.asset_event (tx, asset_id, tenant_id, owner_id, at, type, state, owner_seq, moderator_seq)
     values (pg_current_xact_id(), $1, $2, $3, now(), 'CREATED', $4::media.asset_state, 1, 1)`,
    ...of,
    state,
  );
  const files = [
    ['PREVIEW', 'MEDIA', `tenants/${owner.tenantId}/media/${id}/preview-640.jpg`],
    ['MODERATION', 'QUARANTINE', `tenants/${owner.tenantId}/media/${id}/moderation.jpg`],
  ];
  for (const file of files) {
    await house.sql(
      `insert into media.rendition (asset_id, tenant_id, owner_id, purpose, width, height, mime_type, size_bytes, bucket, object_key, object_version)
       values ($1, $2, $3, $4::media.rendition_purpose, 640, 480, 'image/jpeg', 1, $5::media.bucket, $6, 'v1')`,
      ...of,
      ...file,
    );
  }
  await house.sql('commit');
  return id;
}
