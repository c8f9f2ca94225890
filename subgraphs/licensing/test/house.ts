import { randomUUID } from 'node:crypto';
import { scopesOf } from '@assay/policy';
import { anonymous, createPrincipalSigner, type Principal, type Role } from '@assay/principal';
import type { SubgraphHandler } from '@assay/subgraph';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { databaseUrl } from '../../../ops/run/parts/database.ts';
import { adminUrl } from '../../../ops/run/parts/postgres.ts';
import { redisUrl } from '../../../ops/run/parts/redis.ts';
import { startParts, type TestParts } from '../../../test/parts.ts';
import { createSubgraphHandler, type LicensingDeps, openDeps } from '../src/index.ts';

/** The subgraph over a Postgres and a Redis of its own, and two tenants with a person a role. */
export interface House extends AsyncDisposable {
  readonly parts: TestParts;
  readonly handler: SubgraphHandler;
  readonly deps: LicensingDeps;
  /** A superuser's eyes and hands: what no process of the product has. */
  readonly sql: Client;
  readonly worker: Redis;
  /** Redis as the edge has it: it may look at grants. */
  readonly reader: Redis;
  readonly seller: Tenant;
  readonly buyer: Tenant;
  /** A file of the seller's author, as intake left it. */
  asset(change?: {
    readonly state?: string;
    readonly visibility?: string;
    readonly fileName?: string;
  }): Promise<string>;
  ask(who: Principal, query: string, variables?: Readonly<Record<string, unknown>>): Promise<Answer>;
}

export interface Tenant {
  readonly id: string;
  person(role: Role): Principal;
}

export interface Answer {
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  /** The codes of its errors. */
  readonly codes: readonly unknown[];
}

export async function openHouse(): Promise<House> {
  const parts = await startParts(['postgres', 'redis']);
  const { secrets } = parts.ground;
  const admin = new URL(adminUrl(parts.ground));
  admin.pathname = '/assay';
  const sql = new Client({ connectionString: admin.href });
  await sql.connect();
  // Rows of other subgraphs are put there as they would have come to be, without their ways.
  await sql.query('set session_replication_role = replica');
  const deps = await openDeps(
    {
      databaseUrl: databaseUrl(parts.ground, 'licensing_app'),
      redisUrl: redisUrl(parts.ground, 'gateway'),
      principalKey: secrets('principal-licensing'),
      grantSealKey: secrets('grant-seal'),
      licenseKeyPepper: secrets('pepper'),
      edgeUrl: 'http://127.0.0.1:4001',
    },
    () => undefined,
  );
  const handler = await createSubgraphHandler(deps);
  const sign = createPrincipalSigner(secrets('principal-licensing'), 'licensing');
  const seller = await createTenant(sql, 'seller');
  const buyer = await createTenant(sql, 'buyer');
  const [worker, reader] = (['worker', 'edge'] as const).map((user) =>
    new Redis(redisUrl(parts.ground, user), { disableClientInfo: true, enableReadyCheck: false }).on(
      'error',
      () => undefined,
    ),
  ) as [Redis, Redis];
  return {
    parts,
    handler,
    deps,
    sql,
    worker,
    reader,
    seller,
    buyer,
    asset: async ({ state = 'READY', visibility = 'MARKETPLACE', fileName = 'photo.jpg' } = {}) => {
      const id = randomUUID();
      const bucket = state === 'QUARANTINED' ? 'QUARANTINE' : 'MEDIA';
      await sql.query(
        `insert into media.asset (id, tenant_id, owner_id, state, visibility, title, file_name, declared_type, declared_bytes,
           form_expires_at, kind, mime_type, size_bytes, sha256, bucket, object_version, ready_at)
         values ($1, $2, $3, $4, $5, 'A photo', $6, 'image/jpeg', 10, now(), 'IMAGE', 'image/jpeg', 10, repeat('a', 64), $7, 'v1', now())`,
        [id, seller.id, seller.person('author').subject, state, visibility, fileName, bucket],
      );
      return id;
    },
    ask: async (who, query, variables = {}) => {
      const { data, errors = [] } = await handler.execute({ query, variables, principalToken: await sign(who) });
      return { data, codes: errors.map(({ extensions }) => extensions['code']) };
    },
    [Symbol.asyncDispose]: async () => {
      await sql.end();
      worker.disconnect();
      reader.disconnect();
      await deps[Symbol.asyncDispose]();
      await parts[Symbol.asyncDispose]();
    },
  };
}

async function createTenant(sql: Client, slug: string): Promise<Tenant> {
  const id = randomUUID();
  await sql.query(`insert into identity.tenant (id, slug, name, tier) values ($1, $2, $2, 'STANDARD')`, [id, slug]);
  const people = new Map<Role, Principal>();
  return {
    id,
    person: (role) => {
      const known = people.get(role);
      if (known) return known;
      const made: Principal = {
        ...anonymous(randomUUID(), '192.0.2.0/24'),
        subject: randomUUID(),
        tenantId: id,
        roles: [role],
        scopes: scopesOf([role], []),
        tier: 'STANDARD',
      };
      people.set(role, made);
      return made;
    },
  };
}

/** Another person of the same tenant and role. */
export function another(person: Principal): Principal {
  return { ...person, subject: randomUUID() };
}
