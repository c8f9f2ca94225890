import { type ReactNode, useLayoutEffect, useRef } from 'react';
import type { SessionUser } from './api.ts';
import { AccessPage } from './pages/access.tsx';
import { AssetPage } from './pages/asset.tsx';
import { AuditPage } from './pages/audit.tsx';
import { MarketplacePage } from './pages/marketplace.tsx';
import { ModerationPage } from './pages/moderation.tsx';
import { MyAssetsPage, TenantAssetsPage } from './pages/my-assets.tsx';
import { SessionsPage } from './pages/sessions.tsx';
import { UploadPage } from './pages/upload.tsx';
import { PageLink } from './parts/asset-grid.tsx';
import { Loading, Problem, signInUrl } from './parts/feedback.tsx';
import { useSession } from './parts/session.ts';
import { usePath } from './router.ts';
import { signOut } from './sign-out.ts';

/** A page of the menu, and whose it is. */
interface MenuItem {
  readonly path: string;
  readonly title: string;
  readonly roles: readonly string[] | 'everybody' | 'signed in';
}

const MENU: readonly MenuItem[] = [
  { path: '/', title: 'Marketplace', roles: 'everybody' },
  { path: '/upload', title: 'Upload', roles: ['AUTHOR', 'REVIEWER'] },
  { path: '/assets', title: 'My assets', roles: ['AUTHOR', 'REVIEWER'] },
  { path: '/tenant', title: 'Tenant’s assets', roles: ['ADMIN'] },
  { path: '/moderation', title: 'Moderation', roles: ['PLATFORM_ADMIN'] },
  { path: '/access', title: 'Access', roles: ['PLATFORM_ADMIN', 'SECURITY'] },
  { path: '/audit', title: 'Audit', roles: ['SECURITY'] },
  { path: '/sessions', title: 'Account', roles: 'signed in' },
];

function isFor(item: MenuItem, user: SessionUser | null): boolean {
  if (item.roles === 'everybody') return true;
  if (!user) return false;
  return item.roles === 'signed in' || item.roles.some((role) => user.roles.includes(role));
}

/** The console: a menu for one's roles, and the page that the address names. */
export function App() {
  const path = usePath();
  const { session, change, error } = useSession(path);
  if (error) return <Problem error={error} />;
  if (!session) return <Loading what="the console" />;
  const { user } = session;
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header>
        <PageLink to="/" className="brand">
          Assay
        </PageLink>
        <nav aria-label="Pages">
          {MENU.filter((item) => isFor(item, user)).map(({ path: to, title }) => (
            <PageLink key={to} to={to} current={path === to}>
              {title}
            </PageLink>
          ))}
        </nav>
        <Account user={user} />
      </header>
      <Main path={path} key={user?.id ?? 'nobody'}>
        {change ? (
          <p className="notice" role="status">
            {change}
          </p>
        ) : null}
        {pageOf(path, user)}
      </Main>
      <footer>
        <a href="/graphiql">GraphiQL</a>
      </footer>
    </>
  );
}

function Account({ user }: { readonly user: SessionUser | null }) {
  if (!user) {
    return (
      <a className="button primary" href={signInUrl()}>
        Sign in
      </a>
    );
  }
  return (
    <div className="account">
      <PageLink to="/sessions">
        {user.displayName} <small className="quiet">{user.tenant.name}</small>
      </PageLink>
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </div>
  );
}

/**
 * Moves the focus to a new page, so that a screen reader begins there; before it is painted, or it would be taken from whoever was
 * quicker with the Tab key.
 */
function Main({ path, children }: { readonly path: string; readonly children: ReactNode }) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useLayoutEffect(() => {
    if (shown.current !== path) main.current?.focus();
    shown.current = path;
  }, [path]);
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {children}
    </main>
  );
}

function pageOf(path: string, user: SessionUser | null): ReactNode {
  const asset = /^\/assets\/([0-9a-f-]{36})$/.exec(path)?.[1];
  if (asset) return <AssetPage key={asset} id={asset} user={user} />;
  const item = MENU.find((each) => each.path === path);
  if (!item) return <NoSuchPage />;
  if (!isFor(item, user)) return user ? <h1>This page is not for your roles</h1> : <SignInFirst />;
  return PAGES[path]?.(user) ?? null;
}

const PAGES: Readonly<Record<string, (user: SessionUser | null) => ReactNode>> = {
  '/': () => <MarketplacePage />,
  '/upload': () => <UploadPage />,
  '/assets': () => <MyAssetsPage />,
  '/tenant': () => <TenantAssetsPage />,
  '/moderation': (user) => (user ? <ModerationPage user={user} /> : null),
  '/access': (user) => (user ? <AccessPage user={user} /> : null),
  '/audit': () => <AuditPage />,
  '/sessions': (user) => (user ? <SessionsPage user={user} /> : null),
};

function NoSuchPage() {
  return (
    <>
      <h1>There is no such page</h1>
      <PageLink to="/">Go to the marketplace</PageLink>
    </>
  );
}

function SignInFirst() {
  return (
    <>
      <h1>Sign in first</h1>
      <a className="button primary" href={signInUrl()}>
        Sign in
      </a>
    </>
  );
}
