import { parseArgs } from 'node:util';
import { settingsOf } from '@assay/database';
import { Client } from 'pg';
import { readEnv } from '../env.ts';

const USAGE = `The block list: bytes that are refused by their SHA-256.

  block-list add SHA256 --list NAME [--absolute] [--note TEXT]   what is on an absolute list no moderator releases
  block-list remove SHA256
  block-list show [SHA256]

ASSAY_DATABASE_URL_MEDIA_MODERATOR names the database, as media_moderator.
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'string', default: 'ordinary' },
    absolute: { type: 'boolean', default: false },
    note: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});

process.exitCode = await run(positionals[0], positionals[1]);

async function run(command: string | undefined, digest: string | undefined): Promise<number> {
  const url = readEnv()['ASSAY_DATABASE_URL_MEDIA_MODERATOR'];
  if (values.help || url === undefined || !isComplete(command, digest)) {
    process.stderr.write(USAGE);
    return values.help ? 0 : 2;
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin');
    await become(client);
    const lines = await act(client, command ?? '', digest);
    await client.query('commit');
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    return 0;
  } finally {
    await client.end();
  }
}

function isComplete(command: string | undefined, digest: string | undefined): boolean {
  const isDigest = digest !== undefined && /^[0-9a-f]{64}$/.test(digest);
  if (command === 'show') return digest === undefined || isDigest;
  return (command === 'add' || command === 'remove') && isDigest;
}

/** Whoever runs this holds the role's password; audit entries say that it was the operator. */
async function become(client: Client): Promise<void> {
  const settings = settingsOf({ system: 'system:operator', tenantId: null, requestId: 'block-list' });
  for (const [name, value] of Object.entries(settings)) {
    await client.query('select set_config($1, $2, true)', [`assay.${name}`, value]);
  }
}

async function act(client: Client, command: string, digest: string | undefined): Promise<string[]> {
  if (command === 'add') {
    await client.query(
      `insert into media.block_hash (sha256, list, is_absolute, note, added_by) values ($1, $2, $3, $4, 'system:operator')
       on conflict (sha256) do update set list = excluded.list, is_absolute = excluded.is_absolute, note = excluded.note,
         added_at = clock_timestamp(), added_by = excluded.added_by, removed_at = null`,
      [digest, values.list, values.absolute, values.note],
    );
    await client.query(`select compliance.record('blocklist.add', $1, $2)`, [digest, values.list]);
    return [`${digest} is on the list "${values.list}"${values.absolute ? ', which nobody overrides' : ''}.`];
  }
  if (command === 'remove') {
    const { rowCount } = await client.query(
      'update media.block_hash set removed_at = clock_timestamp(), added_at = clock_timestamp() where sha256 = $1 and removed_at is null',
      [digest],
    );
    if (rowCount) await client.query(`select compliance.record('blocklist.remove', $1, 'REMOVED')`, [digest]);
    return [rowCount ? `${digest} is on no list.` : `${digest} was on no list.`];
  }
  const { rows } = await client.query<{ line: string }>(
    `select sha256 || ' ' || list || case when is_absolute then ' (absolute)' else '' end || ' ' || note as line
     from media.block_hash where removed_at is null and sha256 = coalesce($1, sha256) order by added_at`,
    [digest ?? null],
  );
  return rows.map(({ line }) => line);
}
