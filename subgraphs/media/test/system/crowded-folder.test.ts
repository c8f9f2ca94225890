import { expect, it } from 'vitest';
import { startParts } from '../../../../test/parts.ts';
import { openVault } from '../../src/adapters/s3-vault.ts';

const BUCKETS = { INCOMING: 'assay-incoming', MEDIA: 'assay-media', QUARANTINE: 'assay-quarantine' };
const ROUNDS = 150;

it('takes what comes for a tenant while the last of his objects goes', async () => {
  await using parts = await startParts(['store']);
  const { ground, running } = parts;
  const access = { key: 'root', secret: ground.secrets('store-root') };
  using vault = openVault({ url: running.store?.url ?? '', region: 'us-east-1', ...access }, BUCKETS);
  const pass = async (file: string) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const object = await vault.put(
        'MEDIA',
        `tenants/one/media/${file}-${round}/original`,
        Buffer.from(file),
        'text/plain',
      );
      await vault.delete([await vault.copy(object, 'QUARANTINE'), object]);
    }
    return file;
  };
  const files = ['a', 'b', 'c', 'd'];
  expect(await Promise.all(files.map(pass))).toEqual(files);
}, 60_000);
