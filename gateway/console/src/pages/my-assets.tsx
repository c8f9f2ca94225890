import { useCallback } from 'react';
import { ask } from '../api.ts';
import { MY_ASSETS, TENANT_ASSETS } from '../operations.ts';
import { AssetGrid, PageLink } from '../parts/asset-grid.tsx';
import { Empty, Loading, More, Problem } from '../parts/feedback.tsx';
import { type Pages, usePages, useWhileSeen } from '../parts/load.ts';
import { isAtRest } from '../timeline.ts';

const REFRESH_MS = 2_000;

const loadMine = async (after: string | null) => (await ask(MY_ASSETS, { after })).assets;
const loadTenants = async (after: string | null) => (await ask(TENANT_ASSETS, { after })).assets;

/** What the person signed in uploaded, whatever became of it. */
export function MyAssetsPage() {
  return (
    <>
      <h1>My assets</h1>
      <Assets pages={usePages(loadMine)}>
        You have not uploaded anything yet. <PageLink to="/upload">Upload a picture</PageLink>.
      </Assets>
    </>
  );
}

/** What everybody of one's tenant uploaded, for its administrator. */
export function TenantAssetsPage() {
  return (
    <>
      <h1>Tenant’s assets</h1>
      <Assets pages={usePages(loadTenants)}>Nobody of your tenant has uploaded anything yet.</Assets>
    </>
  );
}

type Asset = Awaited<ReturnType<typeof loadMine>>['edges'][number]['node'];

function Assets({ pages, children }: { readonly pages: Pages<Asset>; readonly children: React.ReactNode }) {
  const { nodes, error, reload } = pages;
  const isMoving = nodes?.some(({ state }) => !isAtRest(state)) ?? false;
  useWhileSeen(
    useCallback(() => isMoving && reload(), [isMoving, reload]),
    REFRESH_MS,
  );
  return (
    <>
      {error ? <Problem error={error} /> : null}
      {nodes ? (
        <AssetGrid assets={nodes.map((node) => ({ ...node, note: node.visibility.toLowerCase() }))} />
      ) : error ? null : (
        <Loading what="the assets" />
      )}
      {nodes?.length === 0 ? <Empty>{children}</Empty> : null}
      <More pages={pages} what="assets" />
    </>
  );
}
