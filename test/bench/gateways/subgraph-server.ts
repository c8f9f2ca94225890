import { createServer, type IncomingMessage } from 'node:http';
import { execute, type GraphQLFieldResolver, type GraphQLSchema, parse } from 'graphql';

/** A place in a text of an answer for the number that is written there, once answers are to differ. */
export const STAMP = '#00000000';

/**
 * Serves subgraphs behind one port, a path each by their names, and writes one line with its address when it is ready. What was
 * asked once is answered from memory: what they cost is nobody's figure, and they share their core with the load. Asked for
 * `/change`, it makes each answer with a {@link STAMP} another one from then on; `/asked` tells how often it was asked.
 *
 * @param fieldResolver of fields that have none of their own; left out: the parent's property
 */
export function serveSubgraphs(
  schemas: ReadonlyMap<string, GraphQLSchema>,
  fieldResolver?: GraphQLFieldResolver<Readonly<Record<string, unknown>> | undefined, unknown>,
): void {
  const answers = new Map<string, Buffer>();
  let asked = 0;
  let isChanging = false;

  const answer = async (request: IncomingMessage): Promise<Buffer> => {
    const body = await textOf(request);
    asked += 1;
    const key = `${request.url} ${body}`;
    const known = answers.get(key);
    if (known) return isChanging ? stamped(known, asked) : known;
    const schema = schemas.get(request.url?.slice(1) ?? '');
    if (!schema) throw new Error(`There is no ${request.url}.`);
    const { query, variables } = JSON.parse(body);
    const result = await execute({ schema, document: parse(query), variableValues: variables, fieldResolver });
    const made = Buffer.from(JSON.stringify(result));
    answers.set(key, made);
    return made;
  };

  const server = createServer((request, response) => {
    if (request.url === '/asked') return void response.end(String(asked));
    if (request.url === '/change') {
      isChanging = true;
      return void response.end();
    }
    void answer(request).then(
      (bytes) =>
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : '';
    process.stdout.write(`${JSON.stringify({ msg: 'ready', url: `http://127.0.0.1:${port}` })}\n`);
  });
}

/** The answer with a number in it that none before it had. */
function stamped(answer: Buffer, number: number): Buffer {
  const at = answer.indexOf(STAMP);
  if (at === -1) return answer;
  const changed = Buffer.from(answer);
  changed.write(`#${String(number % 1e8).padStart(8, '0')}`, at);
  return changed;
}

function textOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
  });
}
