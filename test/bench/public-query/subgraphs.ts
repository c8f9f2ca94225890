// The four subgraphs behind one port, a path each. What was asked once is answered from memory: what they cost is nobody's
// figure, and they share their core with the load.

import { createServer, type IncomingMessage } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, type GraphQLSchema, parse } from 'graphql';
import { distinctRows, type Product, publicRows, type Review, STAMP } from './rows.ts';
import { SCHEMAS, type SubgraphName } from './schemas.ts';

const rows = process.env['BENCH_ROWS'] === 'distinct' ? distinctRows() : publicRows();
const products = new Map(rows.products.map((product) => [product.upc, product]));

type Named<Row> = Row & { readonly __typename?: string };
const keyed = (row: { upc: string }) => ({ ...row, __typename: 'Product' });
const userOf = (id: string) => ({ __typename: 'User', id, username: `user${id}` });
const shown = (review: Review) => ({
  ...review,
  __typename: 'Review',
  product: keyed({ upc: review.upc }),
  author: userOf(review.author),
});

const RESOLVERS = {
  accounts: {
    Query: {
      me: () => accountOf('1'),
      user: (_: unknown, { id }: { id: string }) => accountOf(id),
      users: () => rows.users.map(accountOf),
    },
    User: { __resolveReference: ({ id }: { id: string }) => accountOf(id) },
  },
  inventory: {
    Product: {
      __resolveReference: (given: Named<{ upc: string; price?: number; weight?: number }>) => ({
        ...given,
        inStock: products.get(given.upc)?.inStock,
      }),
      shippingEstimate: ({ price, weight }: Partial<Product>) =>
        (price ?? 0) > 1_000 ? 0 : Math.floor((weight ?? 0) / 2),
    },
  },
  products: {
    Query: { topProducts: (_: unknown, { first }: { first: number }) => rows.products.slice(0, first) },
    Product: { __resolveReference: ({ upc }: { upc: string }) => products.get(upc) },
  },
  reviews: {
    User: {
      __resolveReference: ({ id }: { id: string }) => userOf(id),
      reviews: ({ id }: { id: string }) => rows.reviewsOf(id).map(shown),
    },
    Product: {
      __resolveReference: keyed,
      reviews: ({ upc }: { upc: string }) => rows.reviews.filter((review) => review.upc === upc).map(shown),
    },
    Review: { __resolveReference: ({ id }: { id: string }) => shownOf(id) },
  },
};

function accountOf(id: string) {
  return { __typename: 'User', id, name: `User ${id} ${STAMP}`, username: `user${id}`, birthday: 1_234_567_890 };
}

function shownOf(id: string) {
  const review = rows.reviews.find((each) => each.id === id);
  return review && shown(review);
}

const names = Object.keys(SCHEMAS).filter((name): name is SubgraphName => name in SCHEMAS);
const schemas = new Map<string, GraphQLSchema>(
  names.map((name) => [
    `/${name}`,
    buildSubgraphSchema({ typeDefs: parse(SCHEMAS[name]), resolvers: RESOLVERS[name] }),
  ]),
);
const answers = new Map<string, Buffer>();
let asked = 0;
/** Whether each answer is another one. */
let isChanging = false;

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

async function answer(request: IncomingMessage): Promise<Buffer> {
  const body = await textOf(request);
  asked += 1;
  const key = `${request.url} ${body}`;
  const known = answers.get(key);
  if (known) return isChanging ? stamped(known) : known;
  const schema = schemas.get(request.url ?? '');
  if (!schema) throw new Error(`There is no ${request.url}.`);
  const { query, variables } = JSON.parse(body);
  const made = Buffer.from(
    JSON.stringify(await execute({ schema, document: parse(query), variableValues: variables })),
  );
  answers.set(key, made);
  return made;
}

/** The answer with a number in it that none before it had. */
function stamped(answer: Buffer): Buffer {
  const at = answer.indexOf(STAMP);
  if (at === -1) return answer;
  const changed = Buffer.from(answer);
  changed.write(`#${String(asked % 1e8).padStart(8, '0')}`, at);
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
