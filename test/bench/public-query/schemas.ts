/**
 * Stand-ins for the subgraphs of the public gateways benchmark (graphql-hive/graphql-gateways-benchmark): its four schemas. What
 * stands in the rows is our own, of the same number and length.
 */
export const SCHEMAS = {
  accounts: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
    type Query { me: User  user(id: ID!): User  users: [User] }
    type User @key(fields: "id") { id: ID!  name: String  username: String @shareable  birthday: Int }
  `,
  inventory: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])
    type Product @key(fields: "upc") {
      upc: String!
      weight: Int @external
      price: Int @external
      inStock: Boolean
      shippingEstimate: Int @requires(fields: "price weight")
    }
  `,
  products: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
    type Query { topProducts(first: Int = 5): [Product] }
    type Product @key(fields: "upc") { upc: String!  name: String  price: Int  weight: Int }
  `,
  reviews: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@provides"])
    type Review @key(fields: "id") { id: ID!  body: String  product: Product  author: User @provides(fields: "username") }
    type User @key(fields: "id") { id: ID!  username: String @external  reviews: [Review] }
    type Product @key(fields: "upc") { upc: String!  reviews: [Review] }
  `,
} as const;
export type SubgraphName = keyof typeof SCHEMAS;

const PRODUCT = 'fragment Product on Product { inStock name price shippingEstimate upc weight }';
const REVIEW = 'fragment Review on Review { id body }';
const USER = 'fragment User on User { id username name }';

/** The benchmark's query. */
export const PUBLIC_QUERY = `${USER} ${REVIEW} ${PRODUCT}
query TestQuery {
  users {
    ...User
    reviews {
      ...Review
      product {
        ...Product
        reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
      }
    }
  }
  topProducts {
    ...Product
    reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
  }
}`;

/** The same shape where nothing repeats: up to 200 products with ten reviews each, and each review with an author of its own. */
export const DISTINCT_QUERY = `${USER} ${REVIEW} ${PRODUCT}
query Distinct($first: Int!) { topProducts(first: $first) { ...Product reviews { ...Review author { ...User } } } }`;
