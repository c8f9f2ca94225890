import { ask } from '../api.ts';
import { MARKETPLACE } from '../operations.ts';
import { AssetGrid } from '../parts/asset-grid.tsx';
import { Empty, Loading, More, Problem } from '../parts/feedback.tsx';
import { usePages } from '../parts/load.ts';

const load = async (after: string | null) => (await ask(MARKETPLACE, { after })).assets;

/** What everybody may see: published assets of every tenant. */
export function MarketplacePage() {
  const pages = usePages(load);
  const assets = pages.nodes?.map((node) => ({
    ...node,
    note: `${node.owner?.displayName ?? ''} · ${node.tenant.name}`,
  }));
  return (
    <>
      <h1>Marketplace</h1>
      <p className="quiet">Every asset here was verified, scanned and classified before anybody could see it.</p>
      {pages.error ? <Problem error={pages.error} /> : null}
      {assets ? <AssetGrid assets={assets} /> : pages.error ? null : <Loading what="the marketplace" />}
      {assets?.length === 0 ? <Empty>Nothing is published yet.</Empty> : null}
      <More pages={pages} what="assets" />
    </>
  );
}
