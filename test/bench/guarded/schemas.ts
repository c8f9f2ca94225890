import { SCHEMAS } from '../public-query/schemas.ts';

/** What whoever asks has to have. */
export const SCOPES = ['prices:read', 'reviews:read'] as const;
const [PRICES, REVIEWS] = SCOPES.map((scope) => `@requiresScopes(scopes: [["${scope}"]])`);

/** The benchmark's schemas, guarded on types and fields, so that every object of the answer has something to be held against. */
export const GUARDED_SCHEMAS = {
  accounts: guarded(SCHEMAS.accounts, [
    ['type User @key(fields: "id")', 'type User @key(fields: "id") @authenticated'],
    ['birthday: Int', `birthday: Int ${PRICES}`],
  ]),
  inventory: guarded(SCHEMAS.inventory, [
    ['inStock: Boolean', 'inStock: Boolean @authenticated'],
    // Who may not have the price may have nothing that is made of it.
    ['shippingEstimate: Int', `shippingEstimate: Int ${PRICES}`],
  ]),
  products: guarded(SCHEMAS.products, [['price: Int', `price: Int ${PRICES}`]]),
  reviews: guarded(SCHEMAS.reviews, [
    ['type Review @key(fields: "id")', 'type Review @key(fields: "id") @authenticated'],
    ['body: String', `body: String ${REVIEWS}`],
    ['upc: String!  reviews: [Review]', `upc: String!  reviews: [Review] ${REVIEWS}`],
  ]),
};

/** @throws Error when something to be guarded is not there */
function guarded(sdl: string, guards: readonly (readonly [string, string])[]): string {
  const links = [
    ['federation/v2.3', 'federation/v2.9'],
    ['import: [', 'import: ["@authenticated", "@requiresScopes", '],
  ] as const;
  return [...links, ...guards].reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`There is no ${from} to be guarded.`);
    return text.replace(from, to);
  }, sdl);
}
