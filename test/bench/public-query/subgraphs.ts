// The benchmark's four subgraphs, behind one port.

import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { STAMP, serveSubgraphs } from '../gateways/subgraph-server.ts';
import { type Product, type Review, rowsOf } from './rows.ts';
import { SCHEMAS, type SubgraphName } from './schemas.ts';

const rows = rowsOf(process.env['BENCH_ROWS']);
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
serveSubgraphs(
  new Map(
    names.map((name) => [name, buildSubgraphSchema({ typeDefs: parse(SCHEMAS[name]), resolvers: RESOLVERS[name] })]),
  ),
);
