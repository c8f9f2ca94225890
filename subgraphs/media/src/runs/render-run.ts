import { enqueue } from '../assets/write.ts';
import { assetChannel } from '../events/wake.ts';
import { type Observation, sealEvidence, unknown } from '../intake/evidence.ts';
import type { IntakePolicy, Rendition, SandboxCell } from '../intake/ports.ts';
import { type AssetRun, commitNaming, openRun } from './asset-run.ts';
import { conclude, insertRenditions } from './conclude.ts';
import { insertEvidence, keepingOf, latestEvidence } from './evidence-rows.ts';
import { findIntakePolicy } from './intake-policy.ts';
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
 * @throws Superseded
 */
export async function runAssetRender(assetId: string, requestId: string, ports: RunPorts): Promise<void> {
  const opened = await openRun(ports.database, assetId, requestId, (tx, { tenantId }) =>
    findIntakePolicy(tx, tenantId),
  );
  if (opened?.run.asset.state !== 'RENDERING') return;
  using cell = ports.sandbox.take();
  await render(opened.run, opened.seen, cell, ports);
}

/**
 * The same, for who is at the asset already.
 *
 * @param cell gets the bytes when it does not have them from before
 */
export async function render(run: AssetRun, policy: IntakePolicy, cell: SandboxCell, ports: RunPorts): Promise<void> {
  const startedAt = new Date();
  let stored: Awaited<ReturnType<typeof store>>;
  try {
    stored = await store(run, policy, cell, ports);
  } catch (error) {
    return giveUpOrTryAgain(run, policy, error, startedAt, ports);
  }
  const { files, original, renderedAt } = stored;
  const digest = run.asset.sha256 ?? '';
  const evidence = [
    { audience: 'BOTH' as const, evidence: sealEvidence('RENDER', RENDERED, startedAt, renderedAt, digest) },
    { audience: 'BOTH' as const, evidence: sealEvidence('PUBLISH', PUBLISHED, renderedAt, new Date(), digest) },
  ];
  const change = {
    state: 'READY' as const,
    bucket: 'MEDIA' as const,
    objectVersion: original.version,
    readyAt: new Date(),
    tries: 0,
  };
  const objects = [original, ...files.map(({ object }) => object)];
  await commitNaming(objects, ports, () =>
    run.commit(
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
    ),
  );
  for (const each of evidence) ports.observe(each.evidence);
  ports.wakes.wake(assetChannel(run.asset.id));
}

/** The original goes to the media bucket while the previews are made. @throws what the store or the sandbox throws */
async function store(run: AssetRun, { maxPixels }: IntakePolicy, cell: SandboxCell, ports: RunPorts) {
  const copying = storeOriginal(run, ports);
  copying.catch(() => undefined);
  if (!cell.isWhole) await feed(cell, await openOriginal(run, ports));
  const rendered = await cell.render(run.asset.mimeType ?? '', maxPixels, WATERMARK);
  const renderedAt = new Date();
  const [files, original] = await Promise.all([storePreviews(run, rendered, ports), copying]);
  return { files, original, renderedAt };
}

/** The pinned version, wherever it lies now. */
export async function openOriginal(
  { asset }: AssetRun,
  { vault }: Pick<RunPorts, 'vault'>,
): Promise<AsyncIterable<Uint8Array>> {
  const { bucket, objectKey: key, objectVersion: version } = asset;
  if (!bucket || !version) throw new Error(`Asset ${asset.id} has no bytes.`);
  return vault.open({ bucket, key, version });
}

async function feed(cell: SandboxCell, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) if (chunk.length > 0) await cell.feed(chunk);
  await cell.feed(new Uint8Array());
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
  policy: IntakePolicy,
  error: unknown,
  startedAt: Date,
  ports: RunPorts,
): Promise<void> {
  const { tries, id } = run.asset;
  ports.log.warn({ asset: id, err: error, tries }, 'nothing was rendered');
  if (tries < ports.retryAfterMs.length) {
    const delayMs = ports.retryAfterMs[tries] ?? 0;
    return run.commit({ tries: tries + 1 }, [], (tx) => enqueue(tx, 'render', id, delayMs));
  }
  const failed = sealEvidence('RENDER', unknown('sharp', error), startedAt, new Date(), '');
  ports.observe(failed);
  const known = await run.look((tx) => latestEvidence(tx, id));
  const keeping = keepingOf([failed], known, 'RENDERING', null);
  const outcome = { state: 'QUARANTINED', reasons: ['REVIEW'], deleteBytes: false } as const;
  await conclude(run, { outcome, evidence: known, policy, picture: null, keeping }, ports);
}
