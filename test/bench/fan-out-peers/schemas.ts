const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

/** A feed of events, and the goods that they tell of. */
export const FEED_SCHEMAS = {
  feed: `${LINK}
    type Query { told: Told }
    type Subscription { told(after: String): Told! }
    type Told { cursor: String! number: Int! at: String! goods: [Good!]! }
    type Good @key(fields: "id") { id: ID! }`,
  goods: `${LINK}
    type Query { goods: [Good!]! }
    type Good @key(fields: "id") { id: ID! name: String! price: Float! }`,
};
