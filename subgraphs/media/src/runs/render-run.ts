import { withTenant } from '@assay/database';
import { enqueue } from '../assets/write.ts';
import { assetChannel } from '../events/wake.ts';
import { type Observation, sealEvidence, unknown } from '../intake/evidence.ts';
import type { Rendition } from '../intake/ports.ts';
import { findTenantPolicy } from '../policy/find-policy.ts';
import { intakePolicyOf } from '../policy/tenant-policy.ts';
import { type AssetRun, openRun, Superseded } from './asset-run.ts';
import { conclude, insertRenditions } from './conclude.ts';
import { insertEvidence, latestEvidence } from './evidence-rows.ts';
import { openOriginal } from './intake-run.ts';
import type { RunPorts } from './ports.ts';

const WATERMARK = 'ASSAY PREVIEW';
const RENDERED: Observation = {
  verdict: 'PASS',
  tool: 'sharp',
  toolVersion: 'render-1',
  dataVersion: null,
  findings: [],
};
const PUBLISHED: Observation = {
  verdict: 'PASS',
  tool: 'assay',
  toolVersion: 'publish-1',
  dataVersion: null,
  findings: [],
};

/**
 * Renders what was decided to be seen, and opens it: previews and the pinned original go to the media bucket, then the asset
 * is READY, in one transaction that names them. Before it nobody can read any of them.
 *
 * @param requestId names the job in audit entries
 */
export async function runAssetRender(assetId: string, requestId: string, ports: RunPorts): Promise<void> {
  const run = await openRun(ports.database, assetId, requestId);
  if (run?.asset.state !== 'RENDERING') return;
  try {
    await render(run, requestId, ports);
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
    ports.log.info({ asset: assetId }, 'somebody else went on with the asset');
  }
}

async function render(run: AssetRun, requestId: string, ports: RunPorts): Promise<void> {
  const startedAt = new Date();
  const { policy, contentDigest } = await prepare(run, requestId, ports);
  let files: Awaited<ReturnType<typeof storePreviews>>;
  let original: Awaited<ReturnType<typeof storeOriginal>>;
  const { mimeType } = run.asset;
  try {
    const chunks = await openOriginal(run, ports);
    const rendered = await ports.sandbox.render(chunks, mimeType ?? '', policy.maxPixels, WATERMARK);
    files = await storePreviews(run, rendered, ports);
    original = await storeOriginal(run, ports);
  } catch (error) {
    return giveUpOrTryAgain(run, requestId, error, startedAt, ports);
  }
  const renderedAt = new Date();
  const evidence = [
    { audience: 'BOTH' as const, evidence: sealEvidence('RENDER', RENDERED, startedAt, renderedAt, contentDigest) },
    { audience: 'BOTH' as const, evidence: sealEvidence('PUBLISH', PUBLISHED, renderedAt, new Date(), contentDigest) },
  ];
  const change = {
    state: 'READY' as const,
    bucket: 'MEDIA' as const,
    objectVersion: original.version,
    readyAt: new Date(),
    tries: 0,
  };
  await run.commit(
    change,
    [
      { type: 'STAGE_FINISHED', state: 'RENDERING', stage: 'RENDER', verdict: 'PASS' },
      { type: 'STAGE_FINISHED', state: 'READY', stage: 'PUBLISH', verdict: 'PASS' },
    ],
    async (tx, asset) => {
      await insertEvidence(tx, asset, evidence);
      await insertRenditions(tx, asset, 'PREVIEW', files);
      await enqueue(tx, 'tidy', asset.id);
    },
  );
  ports.wakes.wake(assetChannel(run.asset.id));
}

async function prepare({ asset }: AssetRun, requestId: string, { database }: RunPorts) {
  return withTenant(database, { system: 'system:intake', tenantId: asset.tenantId, requestId }, async (tx) => {
    const { version, settings } = await findTenantPolicy(tx, asset.tenantId);
    const row = await tx.asset.findUniqueOrThrow({ where: { id: asset.id }, select: { sha256: true } });
    return { policy: intakePolicyOf(version, settings), contentDigest: row.sha256 ?? '' };
  });
}

async function storePreviews({ asset }: AssetRun, renditions: readonly Rendition[], { vault }: RunPorts) {
  const folder = asset.objectKey.replace(/original$/, '');
  return Promise.all(
    renditions.map(async ({ name, bytes, mimeType, width, height }) => ({
      object: await vault.put('MEDIA', folder + name, bytes, mimeType),
      mimeType,
      width,
      height,
      sizeBytes: bytes.length,
    })),
  );
}

async function storeOriginal({ asset }: AssetRun, { vault }: RunPorts) {
  const { bucket, objectKey: key, objectVersion: version } = asset;
  if (!bucket || !version) throw new Error(`Asset ${asset.id} has no bytes.`);
  return bucket === 'MEDIA' ? { bucket, key, version } : vault.copy({ bucket, key, version }, 'MEDIA');
}

async function giveUpOrTryAgain(
  run: AssetRun,
  requestId: string,
  error: unknown,
  startedAt: Date,
  ports: RunPorts,
): Promise<void> {
  const { tries, id, tenantId } = run.asset;
  ports.log.warn({ asset: id, err: error, tries }, 'nothing was rendered');
  if (tries < ports.retryAfterMs.length) {
    const delayMs = ports.retryAfterMs[tries] ?? 0;
    return run.commit({ tries: tries + 1 }, [], (tx) => enqueue(tx, 'render', id, delayMs));
  }
  const failed = sealEvidence('RENDER', unknown('sharp', error), startedAt, new Date(), '');
  await run.commit(
    {},
    [{ type: 'STAGE_FINISHED', state: 'RENDERING', stage: 'RENDER', verdict: 'UNKNOWN' }],
    (tx, asset) => insertEvidence(tx, asset, [{ audience: 'BOTH', evidence: failed }]),
  );
  const [{ policy }, known] = await Promise.all([
    prepare(run, requestId, ports),
    withTenant(ports.database, { system: 'system:intake', tenantId, requestId }, (tx) => latestEvidence(tx, id)),
  ]);
  const outcome = { state: 'QUARANTINED', reasons: ['REVIEW'], deleteBytes: false } as const;
  await conclude(run, outcome, known, policy, { readings: null, picture: null }, ports);
}
