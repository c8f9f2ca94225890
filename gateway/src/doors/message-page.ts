import { createHash } from 'node:crypto';
import { PERSONAL } from './browser.ts';

const STYLE =
  ':root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;font:1rem/1.5 system-ui,sans-serif}main{width:min(28rem,calc(100vw - 2rem))}h1{font-size:1.375rem;margin:0 0 .25rem}';
const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** A page that says one thing and offers one way on. Its texts are ours; nothing of a request stands in it. */
export function messagePage(
  status: number,
  title: string,
  message: string,
  link: { href: string; text: string },
): Response {
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}: Assay</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1><p>${message}</p><a href="${link.href}">${link.text}</a></main></body>
</html>
`;
  return new Response(html, {
    status,
    headers: {
      ...PERSONAL,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src ${STYLE_HASH}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    },
  });
}
