/** As much of a browser as a sign-in takes: cookies by host and path, redirects one at a time, no script. */
export interface Browser {
  /** One request; what it sets is kept. */
  go(url: string | URL, init?: RequestInit): Promise<Response>;
  /** Follows redirects until there is a page, or a place that `stop` knows. */
  follow(
    url: string | URL,
    stop?: (url: URL) => boolean,
    init?: RequestInit,
  ): Promise<{ url: URL; response: Response; html: string }>;
  cookies(host: string): ReadonlyMap<string, string>;
  setCookie(host: string, name: string, value: string): void;
}

export function openBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (host: string) => {
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };
  const go: Browser['go'] = async (url, init = {}) => {
    const { hostname } = new URL(url);
    const jar = jarOf(hostname);
    const headers = new Headers(init.headers);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    if (cookie !== '') headers.set('cookie', cookie);
    if (!headers.has('accept')) headers.set('accept', 'text/html');
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/expires=Thu, 01 Jan 1970|max-age=0(;|$)/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  return {
    go,
    follow: async (start, stop = () => false, init = {}) => {
      let url = new URL(start);
      let response = await go(url, init);
      for (let hop = 0; hop < 10; hop += 1) {
        const location = response.headers.get('location');
        const html = await response.text();
        if (location === null) return { url, response, html };
        url = new URL(location, url);
        if (stop(url)) return { url, response, html };
        response = await go(url);
      }
      throw new Error(`${start} redirects without an end.`);
    },
    cookies: (host) => jarOf(host),
    setCookie: (host, name, value) => void jarOf(host).set(name, value),
  };
}

/** Fills in the provider's form, as it stands on the page. */
export function formOf(url: URL, html: string, fields: Readonly<Record<string, string>>): [URL, RequestInit] {
  const action = /<form[^>]*action="([^"]*)"/.exec(html)?.[1];
  if (action === undefined) throw new Error(`There is no form at ${url}: ${html.slice(0, 300)}`);
  const body = new URLSearchParams(fields);
  for (const [, name = '', value = ''] of html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g))
    body.append(name, value);
  return [new URL(action, url), { method: 'POST', body, headers: { origin: url.origin } }];
}
