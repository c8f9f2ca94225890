/** Operations to begin with, a tab each. */
export const EXAMPLES = [
  {
    query: `# Everybody may browse the marketplace. Sign in at / to see more.
query Marketplace {
  assets(first: 10) {
    edges { node { id title owner { displayName } tenant { name } preview { url width height } } }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  },
  {
    query: `query Me {
  me { displayName email roles tenant { name tier } }
  sessions { id current userAgent createdAt }
}
`,
  },
  {
    query: `# Paste the id of an asset of yours; the stream stays open.
subscription Follow($assetId: ID!, $after: String) {
  assetEvents(assetId: $assetId, after: $after) {
    cursor seq at type state stage verdict
    progress { done total }
  }
}
`,
    variables: '{ "assetId": "" }',
  },
  {
    query: `mutation CreateUpload($input: CreateUploadInput!) {
  createUpload(input: $input) {
    asset { id state }
    form { url expiresAt maxSizeBytes fields { name value } }
  }
}
`,
    variables:
      '{ "input": { "title": "Coffee", "fileName": "coffee.png", "contentType": "image/png", "sizeBytes": 466706 } }',
  },
];
