import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed operations of the console, from the public schema that `codegen/compose.ts` writes. */
const config: CodegenConfig = {
  schema: 'codegen/schema.graphql',
  documents: [
    'gateway/console/src/**/*.{ts,tsx}',
    '!gateway/console/src/generated/**',
    '!gateway/console/src/graphiql/**',
  ],
  generates: {
    'gateway/console/src/generated/': {
      preset: 'client',
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { mode: 'embedHashInDocument', hashPropertyName: 'hash', hashAlgorithm: 'sha256' },
      },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        importExtension: '.ts',
        emitLegacyCommonJSImports: false,
        scalars: { DateTime: 'string', BigInt: { input: 'number', output: 'number | string' } },
      },
    },
  },
};

export default config;
