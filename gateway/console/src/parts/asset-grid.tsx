import { go } from '../router.ts';
import { Badge } from './feedback.tsx';

interface Card {
  readonly id: string;
  readonly title: string;
  readonly state?: string;
  readonly note?: string;
  readonly preview?: {
    readonly sizes: readonly { readonly url: string; readonly width: number; readonly height: number }[];
  } | null;
}

/** Assets as cards, each a link to its page. */
export function AssetGrid({ assets }: { readonly assets: readonly Card[] }) {
  return (
    <ul className="grid">
      {assets.map((asset) => (
        <li key={asset.id}>
          <PageLink to={`/assets/${asset.id}`} className="card">
            <Thumbnail asset={asset} />
            <strong>{asset.title}</strong>
            {asset.note ? <small>{asset.note}</small> : null}
            {asset.state ? <Badge value={asset.state} /> : null}
          </PageLink>
        </li>
      ))}
    </ul>
  );
}

function Thumbnail({ asset }: { readonly asset: Card }) {
  const [small] = asset.preview?.sizes ?? [];
  if (!small) return <span className="thumbnail none" aria-hidden="true" />;
  return <img className="thumbnail" src={small.url} width={small.width} height={small.height} alt="" loading="lazy" />;
}

/** A link within the console. */
export function PageLink({
  to,
  className,
  current,
  children,
}: {
  readonly to: string;
  readonly className?: string;
  readonly current?: boolean;
  readonly children: React.ReactNode;
}) {
  return (
    <a
      href={to}
      className={className}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
