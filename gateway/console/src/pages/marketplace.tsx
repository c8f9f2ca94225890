import { ask } from '../api.ts';
import { MARKETPLACE } from '../operations.ts';
import { AssetGrid } from '../parts/asset-grid.tsx';
import { Empty, Loading, Problem } from '../parts/feedback.tsx';
import { useLoad } from '../parts/load.ts';

const load = () => ask(MARKETPLACE, {});

/** What everybody may see: published assets of every tenant. */
export function MarketplacePage() {
  const { data, error } = useLoad(load);
  const assets = data?.assets.edges.map(({ node }) => ({
    ...node,
    note: `${node.owner?.displayName ?? ''} · ${node.tenant.name}`,
  }));
  return (
    <>
      <h1>Marketplace</h1>
      <p className="quiet">Every asset here was verified, scanned and classified before anybody could see it.</p>
      {error ? <Problem error={error} /> : null}
      {assets ? <AssetGrid assets={assets} /> : error ? null : <Loading what="the marketplace" />}
      {assets?.length === 0 ? <Empty>Nothing is published yet.</Empty> : null}
    </>
  );
}
