/**
 * Where to go after signing in: a path of our own, whatever else was asked for. The attacker sends a link to our sign-in
 * page that ends on theirs (an open redirect, CWE-601): `//evil.test`, `/\evil.test`, `https:evil.test`, tabs and newlines
 * that browsers drop, `/login` again and again.
 *
 * @param wanted the `returnTo` parameter
 * @param publicUrl our own address
 * @returns path, query and fragment; `/` for everything else
 */
export function parseReturnTo(wanted: string | null | undefined, publicUrl: string): string {
  if (!wanted || wanted.length > 2_000 || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted)) return '/';
  const own = new URL(publicUrl);
  const url = URL.parse(wanted, own.href);
  if (url === null || url.origin !== own.origin || url.pathname.startsWith('//')) return '/';
  if (/^\/(login|callback|logout)(\/|$)/.test(url.pathname)) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
