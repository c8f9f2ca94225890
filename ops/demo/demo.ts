import { readAudit } from './audit.ts';
import { type Caller, createCaller } from './client.ts';
import { loadFiles } from './files.ts';
import { followToRest } from './follow.ts';
import { ASSET, CREATE_DOWNLOAD, ISSUE_LICENSE, MODERATE, PUBLISH, QUARANTINE, TENANT_OF_ME } from './operations.ts';
import { printEvent, printHeading, printTable, type Row } from './report.ts';
import { refusalOf, timed } from './timed.ts';
import { upload } from './upload.ts';

/** What the demo needs of the running system. */
export interface DemoOptions {
  /** Of the GraphQL door. */
  readonly url: string;
  /** An access token of a demo account, by the real code flow. */
  tokenOf(email: string): Promise<string>;
}

/**
 * Walks real files through the whole system as its users would, prints what happens and ends with a table.
 *
 * @returns whether everything came out as expected
 */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const cast = await assemble(options);
  const rows: Row[] = [];

  printHeading('Uploads, each followed by the public subscription');
  const assets = await uploadAll(cast, rows);

  printHeading('The moderator works through the quarantine');
  await review(cast, assets, rows);

  printHeading('One photograph is licensed and downloaded, once');
  const licenseId = await licenseAndDownload(cast, assets, rows);

  printHeading('The audit trail, under a grant');
  await readAudit(cast, { assets, licenseId }, rows);

  return printTable(rows);
}

interface Cast {
  readonly northlight: Caller;
  readonly tidepool: Caller;
  readonly buyer: Caller;
  readonly moderator: Caller;
  readonly security: Caller;
}

async function assemble({ url, tokenOf }: DemoOptions): Promise<Cast> {
  const caller = async (email: string) => createCaller(url, email, await tokenOf(email));
  const [northlight, tidepool, buyer, moderator, security] = await Promise.all([
    caller('author@northlight.test'),
    caller('author@tidepool.test'),
    caller('buyer@tidepool.test'),
    caller('platform@assay.test'),
    caller('security@assay.test'),
  ]);
  return { northlight, tidepool, buyer, moderator, security };
}

type Assets = Map<string, string>;

async function uploadAll(cast: Cast, rows: Row[]): Promise<Assets> {
  const assets: Assets = new Map();
  const files = loadFiles();
  await Promise.all(
    files.map(async ({ file, as, expected }) => {
      const from = performance.now();
      const id = await upload(cast[as], file);
      assets.set(file.name, id);
      const got = await followToRest(cast[as], id, (event) => printEvent(file.name, event));
      rows.push({ what: file.name, expected, got, ms: performance.now() - from });
    }),
  );
  rows.sort(
    (a, b) => files.findIndex(({ file }) => file.name === a.what) - files.findIndex(({ file }) => file.name === b.what),
  );
  return assets;
}

interface QuarantineAnswer {
  quarantine: {
    edges: {
      node: {
        id: string;
        title: string;
        evidence: { stage: string; verdict: string; findings: { code: string; score: number | null }[] }[];
      };
    }[];
  };
}

async function review({ moderator, tidepool }: Cast, assets: Assets, rows: Row[]): Promise<void> {
  const { quarantine } = await moderator.ask<QuarantineAnswer>(QUARANTINE);
  const ours = new Set(assets.values());
  for (const { node } of quarantine.edges.filter((edge) => ours.has(edge.node.id))) {
    const failed = node.evidence.filter((evidence) => evidence.verdict === 'FAIL');
    // Each audience has a row of its own, and a moderator sees both: the same finding is said once.
    const findings = new Set(
      failed.flatMap((evidence) => evidence.findings.map((finding) => `${evidence.stage} ${finding.code}`)),
    );
    process.stdout.write(`  ${node.title}: ${[...findings].join(', ') || 'no finding'}\n`);
    if (node.title === 'chelsea.png') continue;
    await timed(rows, `reject ${node.title}`, 'REJECTED', async () => {
      const input = { assetId: node.id, verdict: 'REJECT', reason: 'Malware; nothing to discuss.' };
      return (await moderator.ask<{ moderateAsset: { asset: { state: string } } }>(MODERATE, { input })).moderateAsset
        .asset.state;
    });
  }
  const chelsea = assets.get('chelsea.png') ?? '';
  await timed(rows, 'release chelsea.png', 'READY', async () => {
    const input = { assetId: chelsea, verdict: 'RELEASE', reason: 'A photograph of a cat, not a drawing.' };
    await moderator.ask(MODERATE, { input });
    let state = '';
    for (const deadline = Date.now() + 60_000; state !== 'READY' && Date.now() < deadline; ) {
      state = await followRelease(tidepool, chelsea);
    }
    return state;
  });
}

/** The replay begins with the quarantine, at which a follower rests; what counts here is what comes after it. */
async function followRelease(caller: Caller, assetId: string): Promise<string> {
  await followToRest(caller, assetId, () => undefined);
  const { asset } = await caller.ask<{ asset: { state: string } }>(ASSET, { id: assetId });
  return asset.state;
}

/** @returns the licence's id */
async function licenseAndDownload({ northlight, buyer }: Cast, assets: Assets, rows: Row[]): Promise<string> {
  const assetId = assets.get('coffee.png') ?? '';
  await timed(rows, 'publish coffee.png', 'MARKETPLACE', async () => {
    const input = { assetId, visibility: 'MARKETPLACE' };
    return (await northlight.ask<{ publishAsset: { asset: { visibility: string } } }>(PUBLISH, { input })).publishAsset
      .asset.visibility;
  });
  const { me } = await buyer.ask<{ me: { tenant: { id: string } } }>(TENANT_OF_ME);
  const input = { assetId, tenantId: me.tenant.id, seats: 1 };
  const { issueLicense } = await northlight.ask<{
    issueLicense: { key: string; license: { id: string; keyHint: string } };
  }>(ISSUE_LICENSE, { input });
  process.stdout.write(`  licence …${issueLicense.license.keyHint} for one seat\n`);

  const download = { input: { assetId, licenseKey: issueLicense.key } };
  const { createDownload } = await buyer.ask<{ createDownload: { url: string } }>(CREATE_DOWNLOAD, download);
  await timed(rows, 'download coffee.png', '200, 466706 bytes', async () => {
    const answer = await fetch(createDownload.url);
    return `${answer.status}, ${(await answer.arrayBuffer()).byteLength} bytes`;
  });
  await timed(rows, 'the same link again', '404', async () => String((await fetch(createDownload.url)).status));
  await timed(rows, 'a mistyped key', 'BAD_USER_INPUT', async () => {
    const mistyped = issueLicense.key.slice(0, -1) + (issueLicense.key.endsWith('0') ? '1' : '0');
    return refusalOf(buyer.ask(CREATE_DOWNLOAD, { input: { assetId, licenseKey: mistyped } }));
  });
  return issueLicense.license.id;
}
