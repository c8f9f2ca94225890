import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SignInDoors } from '../access/open.ts';
import type { RequestFacts } from '../access/port.ts';
import type { Route } from '../pipeline.ts';

/** The doors for signing in and out, as routes of the pipeline. Another method than a door's own is 405. */
export function createSignInRoutes(doors: SignInDoors): readonly Route[] {
  return [
    route('GET', '/login', doors.login),
    route('GET', '/callback', doors.callback),
    route('POST', '/logout', doors.logout),
    route('GET', '/session', doors.session),
  ];
}

function route(method: string, at: string, door: SignInDoors['login']): Route {
  return {
    name: at.slice(1),
    matches: (path) => path === at,
    answer: async (facts: RequestFacts, request: IncomingMessage, response: ServerResponse) => {
      if (facts.method !== method) return void response.writeHead(405, { allow: method }).end();
      await write(response, await door({ ...facts, url: new URL(request.url ?? at, 'http://localhost') }));
    },
  };
}

async function write(response: ServerResponse, answer: Response): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) if (name !== 'set-cookie') response.setHeader(name, value);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.end(Buffer.from(await answer.arrayBuffer()));
}
