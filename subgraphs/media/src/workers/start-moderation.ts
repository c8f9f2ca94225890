import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { verifyFences } from '@assay/database';
import { isFailure } from '@assay/failure';
import { createPrincipalVerifier, type PrincipalVerifier } from '@assay/principal';
import { type EntryStep, enter, type Log } from '@assay/telemetry';
import { type MediaDatabase, openDatabase } from '../adapters/database.ts';
import { openVault } from '../adapters/s3-vault.ts';
import { findModerationPreview } from '../moderation/find-preview.ts';
import type { Vault } from '../vault/vault.ts';
import { type Door, openDoor, writeJson } from './door.ts';
import type { ModerationConfig } from './moderation-config.ts';

/**
 * Starts the moderation process: `GET /preview/{id}` on loopback, for principals that the gateway signed for it, and nothing
 * else. It is apart from the gateway so that no code that faces the world holds a key to the quarantine.
 */
export async function startModeration(config: ModerationConfig, log: Log): Promise<Door> {
  await verifyFences(config.databaseUrl);
  await using started = new AsyncDisposableStack();
  const database = openDatabase(config.databaseUrl, 4);
  started.defer(() => database.$disconnect());
  const vault = started.use(openVault(config.store, config.buckets));
  const verify = createPrincipalVerifier(config.principalKey, 'moderation');
  const door = started.use(
    await openDoor(config.listen, async (request, response) => {
      if (request.method !== 'GET') return writeJson(response, 405, { status: 'GET only' });
      if (request.url === '/health' || request.url === '/health/live') {
        await database.$queryRaw`select 1`;
        return writeJson(response, 200, { status: 'ready' });
      }
      const id = /^\/preview\/([\da-f-]{36})$/.exec(request.url ?? '')?.[1];
      if (id === undefined) return writeJson(response, 404, { status: 'not found' });
      const deps = { database, vault, verify, log };
      await enter(stepOf(request), () => show(id, request.headers.authorization, response, deps));
    }),
  );
  const running = started.move();
  return { url: door.url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** On loopback, where the gateway alone is let in: its trace is ours. */
function stepOf({ headers: { traceparent } }: IncomingMessage): EntryStep {
  const parent = typeof traceparent === 'string' ? traceparent : undefined;
  return { name: 'show preview', kind: 'server', parent, isOurs: true };
}

interface ShowDeps {
  readonly database: MediaDatabase;
  readonly vault: Vault;
  readonly verify: PrincipalVerifier;
  readonly log: Log;
}

async function show(
  id: string,
  authorization: string | undefined,
  response: ServerResponse,
  deps: ShowDeps,
): Promise<void> {
  try {
    const principal = await deps.verify(authorization?.replace(/^Bearer /, '') ?? '');
    const object = await findModerationPreview(id, principal, deps.database);
    if (!object) return writeJson(response, 404, { status: 'not found' });
    const bytes = await deps.vault.open(object);
    response.writeHead(200, {
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    await pipeline(Readable.from(bytes), response);
  } catch (error) {
    if (isFailure(error) && error.code === 'UNAUTHENTICATED')
      return writeJson(response, 401, { status: 'not signed in' });
    deps.log.error({ err: error, asset: id }, 'a preview for moderators could not be shown');
    throw error;
  }
}
