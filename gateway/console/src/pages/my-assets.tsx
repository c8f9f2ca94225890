import { ask } from '../api.ts';
import { MY_ASSETS } from '../operations.ts';
import { AssetGrid, PageLink } from '../parts/asset-grid.tsx';
import { Empty, Loading, Problem } from '../parts/feedback.tsx';
import { useLoad } from '../parts/load.ts';

const load = () => ask(MY_ASSETS, {});

/** What the person signed in uploaded, whatever became of it. */
export function MyAssetsPage() {
  const { data, error } = useLoad(load);
  const assets = data?.assets.edges.map(({ node }) => ({ ...node, note: node.visibility.toLowerCase() }));
  return (
    <>
      <h1>My assets</h1>
      {error ? <Problem error={error} /> : null}
      {assets ? <AssetGrid assets={assets} /> : error ? null : <Loading what="your assets" />}
      {assets?.length === 0 ? (
        <Empty>
          You have not uploaded anything yet. <PageLink to="/upload">Upload a picture</PageLink>.
        </Empty>
      ) : null}
    </>
  );
}
