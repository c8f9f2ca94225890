import 'reflect-metadata';
import { permissions } from '@assay/policy';
import {
  createSubgraphHandler as createHandler,
  DateTimeScalar,
  federate,
  guard,
  type SubgraphHandler,
} from '@assay/subgraph';
import { openScope } from './context.ts';
import type { MediaDeps } from './deps.ts';
import { assetReference } from './schema/asset.reference.ts';
import { AssetResolver } from './schema/asset.resolver.ts';
import { AssetEventResolver } from './schema/asset-event.resolver.ts';
import { ModerationResolver } from './schema/moderation.resolver.ts';
import { UploadResolver } from './schema/upload.resolver.ts';

/** The subgraph's SDL, for composition. */
export async function printSdl(): Promise<string> {
  return (await build()).sdl;
}

/** The media subgraph: uploads, assets and what is known of them, their events, moderation. */
export async function createSubgraphHandler(deps: MediaDeps): Promise<SubgraphHandler> {
  const { schema } = await build();
  return createHandler({
    name: 'media',
    schema: deps.isShieldOff ? schema : guard(schema, permissions),
    verifyPrincipal: deps.verifyPrincipal,
    spentTokens: deps.spentTokens,
    openScope: (principal, time) => openScope(deps, principal, time),
    report: deps.report,
    health: () => health(deps),
  });
}

async function health({ database, moderation, incoming, wakes }: MediaDeps) {
  const ask = async (part: () => Promise<unknown>) => {
    const from = performance.now();
    try {
      await part();
      return { ok: true, ageMs: Math.round(performance.now() - from) };
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.name : 'away' };
    }
  };
  const [rows, moderatorRows, store, redis] = await Promise.all([
    ask(() => database.$queryRaw`select 1`),
    ask(() => moderation.$queryRaw`select 1`),
    ask(() => incoming.isAlive()),
    ask(() => wakes.isAlive()),
  ]);
  return { database: rows.ok ? moderatorRows : rows, store, redis };
}

function build() {
  return federate({
    resolvers: [AssetResolver, AssetEventResolver, ModerationResolver, UploadResolver],
    orphanedTypes: [],
    scalars: [{ type: Date, scalar: DateTimeScalar }],
    references: { Asset: assetReference },
    permissions,
  });
}
