import { createReadStream, existsSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.map': 'application/json',
  '.json': 'application/json',
};

export interface PagesOptions {
  /** The built console. */
  readonly folder: string;
  /** Origins that pages load previews from and upload to. */
  readonly edgeOrigin: string;
  readonly storeOrigin: string;
  /** Where people are meant to come: cookies and sockets are of this origin alone. */
  readonly publicUrl: string;
}

/** The console and GraphiQL: files of our own, and nothing from anywhere else. */
export function createPages({ folder, edgeOrigin, storeOrigin, publicUrl }: PagesOptions) {
  const policy = (styles: string) =>
    [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self'${styles}`,
      `img-src 'self' data: blob: ${edgeOrigin}`,
      "font-src 'self' data:",
      "worker-src 'self' blob:",
      `connect-src 'self' ${storeOrigin}`,
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; ');
  // GraphiQL's editor writes style elements; the console needs none.
  const policies = { console: policy(''), graphiql: policy(" 'unsafe-inline'") };

  return (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    const file = fileOf(folder, pathname);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
    if (!file) return void response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not found\n');
    const isPage = extname(file) === '.html';
    if (isPage && isAstray(request.headers.host, publicUrl)) {
      const location = `${new URL(publicUrl).origin}${pathname}${search}`;
      return void response.writeHead(307, { location, 'cache-control': 'no-store' }).end();
    }
    const pagePolicy = pathname === '/graphiql' ? policies.graphiql : policies.console;
    sendFile(file, isPage ? pagePolicy : null, request, response);
  };
}

/** @param pagePolicy of a page, which nobody keeps; null: an asset, whose name changes with its content */
function sendFile(file: string, pagePolicy: string | null, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': statSync(file).size,
    'cache-control': pagePolicy === null ? 'public, max-age=31536000, immutable' : 'no-store',
    ...(pagePolicy === null ? {} : { 'content-security-policy': pagePolicy }),
  });
  if (request.method === 'HEAD') return void response.end();
  createReadStream(file).pipe(response);
}

/**
 * Whether somebody came by another name of this machine, `127.0.0.1` for `localhost`, where no sign-in would hold. Behind a proxy,
 * which may ask by a name of its own, the public URL is not this machine's, and everybody is where he should be.
 */
function isAstray(host: string | undefined, publicUrl: string): boolean {
  const own = new URL(publicUrl);
  return own.hostname === 'localhost' && host !== own.host;
}

/** A page, or an asset by its own name; a path of the console's own router is the console. Null: there is no such file. */
function fileOf(folder: string, path: string): string | null {
  if (path === '/graphiql') return existing(join(folder, 'graphiql.html'));
  if (!path.startsWith('/static/')) return extname(path) === '' ? existing(join(folder, 'index.html')) : null;
  const file = normalize(join(folder, path));
  return file.startsWith(join(folder, 'static')) ? existing(file) : null;
}

function existing(file: string): string | null {
  return existsSync(file) && statSync(file).isFile() ? file : null;
}
