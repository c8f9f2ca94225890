import { type FormEvent, useCallback, useState } from 'react';
import { ask, type SessionUser } from '../api.ts';
import type { AssetPageQuery } from '../generated/graphql.ts';
import { ASSET, CREATE_DOWNLOAD, DELETE, ISSUE_LICENSE, PUBLISH } from '../operations.ts';
import { EvidenceTable } from '../parts/evidence.tsx';
import { Badge, Empty, Loading, Problem } from '../parts/feedback.tsx';
import { useAction, useLoad } from '../parts/load.ts';
import { Timeline } from '../parts/timeline.tsx';
import { isAtRest } from '../timeline.ts';

type Asset = NonNullable<AssetPageQuery['asset']>;

/** One asset: what it is, what was found, what may be done with it. */
export function AssetPage({ id, user }: { readonly id: string; readonly user: SessionUser | null }) {
  const load = useCallback(() => ask(ASSET, { id }), [id]);
  const { data, error, reload } = useLoad(load);
  if (error) return <Problem error={error} />;
  if (!data) return <Loading what="the asset" />;
  const { asset } = data;
  if (!asset) return <Empty>There is no such asset, or it is not for you to see.</Empty>;
  const isOwner = user !== null && user.id === asset.owner?.id;
  const isOwn = isOwner || (user?.roles.includes('ADMIN') === true && user.tenant.id === asset.tenant.id);
  return (
    <>
      <h1>{asset.title}</h1>
      <p>
        <Badge value={asset.state} />{' '}
        <span className="quiet">
          {asset.visibility.toLowerCase()} · {asset.tenant.name} · {asset.fileName}
        </span>
      </p>
      {asset.preview ? (
        <img
          className="preview"
          src={asset.preview.url}
          width={asset.preview.width}
          height={asset.preview.height}
          alt={`Preview of ${asset.title}`}
        />
      ) : null}
      {asset.decision?.reasons.length ? <p className="problem">Decided: {asset.decision.reasons.join(', ')}</p> : null}
      {asset.decision?.note ? <p className="quiet">A moderator wrote: {asset.decision.note}</p> : null}
      {user && asset.state === 'READY' ? <Download asset={asset} isOwner={isOwner} /> : null}
      {isOwn ? <OwnerActions asset={asset} onChange={reload} /> : null}
      {asset.evidence.length > 0 ? <EvidenceTable evidence={asset.evidence} /> : null}
      {isOwn ? (
        <section>
          <h2>Timeline</h2>
          <Timeline
            assetId={asset.id}
            onEvent={(event) => isAtRest(event.state) && event.state !== asset.state && reload()}
          />
        </section>
      ) : null}
    </>
  );
}

/** Owners download what is theirs; everybody else, their administrator too, with a licence's key. */
function Download({ asset, isOwner }: { readonly asset: Asset; readonly isOwner: boolean }) {
  const [key, setKey] = useState('');
  const { isBusy, error, run } = useAction(async () => {
    const input = { assetId: asset.id, ...(key.trim() ? { licenseKey: key.trim() } : {}) };
    const { createDownload } = await ask(CREATE_DOWNLOAD, { input });
    window.location.assign(createDownload.url);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run();
  };
  return (
    <form className="row" onSubmit={submit}>
      {isOwner ? null : (
        <label>
          Licence key
          <input
            value={key}
            onChange={(event) => setKey(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            required
          />
        </label>
      )}
      <button type="submit" className="primary" disabled={isBusy}>
        Download the original
      </button>
      <small className="quiet">The link works once.</small>
      {error ? <Problem error={error} /> : null}
    </form>
  );
}

function OwnerActions({ asset, onChange }: { readonly asset: Asset; readonly onChange: () => void }) {
  const { isBusy, error, run } = useAction(async (act: () => Promise<unknown>) => {
    await act();
    onChange();
  });
  const publish = (visibility: 'PRIVATE' | 'TENANT' | 'MARKETPLACE') =>
    run(() => ask(PUBLISH, { input: { assetId: asset.id, visibility } }));
  const remove = () => {
    if (window.confirm(`Delete "${asset.title}"? Its evidence stays.`))
      void run(() => ask(DELETE, { input: { assetId: asset.id } }));
  };
  return (
    <section className="panel">
      <h2>What you may do</h2>
      <div className="row">
        {asset.state === 'READY' && asset.visibility !== 'MARKETPLACE' ? (
          <button type="button" disabled={isBusy} onClick={() => void publish('MARKETPLACE')}>
            Publish to the marketplace
          </button>
        ) : null}
        {asset.state === 'READY' && asset.visibility !== 'TENANT' ? (
          <button type="button" disabled={isBusy} onClick={() => void publish('TENANT')}>
            Show to your tenant alone
          </button>
        ) : null}
        {asset.state === 'READY' && asset.visibility !== 'PRIVATE' ? (
          <button type="button" disabled={isBusy} onClick={() => void publish('PRIVATE')}>
            Take back
          </button>
        ) : null}
        {['READY', 'REJECTED', 'EXPIRED', 'AWAITING_UPLOAD'].includes(asset.state) ? (
          <button type="button" className="danger" disabled={isBusy} onClick={remove}>
            Delete
          </button>
        ) : null}
      </div>
      {error ? <Problem error={error} /> : null}
      {asset.state === 'READY' ? <IssueLicense asset={asset} onIssued={onChange} /> : null}
    </section>
  );
}

function IssueLicense({ asset, onIssued }: { readonly asset: Asset; readonly onIssued: () => void }) {
  const [tenantId, setTenantId] = useState('');
  const [seats, setSeats] = useState(1);
  const [key, setKey] = useState<string | null>(null);
  const { isBusy, error, run } = useAction(async () => {
    const { issueLicense } = await ask(ISSUE_LICENSE, {
      input: { assetId: asset.id, tenantId: tenantId.trim(), seats },
    });
    setKey(issueLicense.key);
    onIssued();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run();
  };
  return (
    <form onSubmit={submit}>
      <h3>Issue a licence</h3>
      <div className="row">
        <label>
          Buyer’s tenant id (it stands on his Account page)
          <input
            value={tenantId}
            onChange={(event) => setTenantId(event.target.value)}
            required
            pattern="[0-9a-f\-]{36}"
          />
        </label>
        <label>
          Seats
          <input
            type="number"
            min={1}
            max={10000}
            value={seats}
            onChange={(event) => setSeats(event.target.valueAsNumber)}
            required
          />
        </label>
        <button type="submit" disabled={isBusy}>
          Issue
        </button>
      </div>
      {error ? <Problem error={error} /> : null}
      {key ? (
        <p role="status" className="secret">
          The key, shown this once: <code>{key}</code>{' '}
          <button type="button" onClick={() => void navigator.clipboard.writeText(key)}>
            Copy
          </button>
        </p>
      ) : null}
      <ul>
        {asset.licenses.edges.map(({ node }) => (
          <li key={node.id}>
            …{node.keyHint}: {node.seatsUsed} of {node.seats} seats <Badge value={node.state} />
          </li>
        ))}
      </ul>
    </form>
  );
}
