import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';

const keysFile = z.object({
  /** Private keys that sign tokens (RFC 7517), the current one first. */
  signing: z
    .array(z.looseObject({ kty: z.literal('EC'), crv: z.literal('P-256'), kid: z.string(), d: z.string() }))
    .min(1),
  /** Secrets that sign the provider's cookies, the current one first. */
  cookies: z.array(z.string().min(32)).min(1),
});

export type ProviderKeys = z.infer<typeof keysFile>;

/**
 * The provider's keys, made once: a restart neither voids tokens nor signs anybody out.
 *
 * @param file readable for its owner only
 */
export async function openProviderKeys(file: string): Promise<ProviderKeys> {
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (known !== null) return keysFile.parse(JSON.parse(known));
  const made = keysFile.parse({ signing: [await newSigningKey()], cookies: [randomBytes(32).toString('base64url')] });
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // Whole or not at all: a start that is killed here leaves no half a key behind.
  await writeFile(`${file}.new`, JSON.stringify(made), { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
  return made;
}

async function newSigningKey() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' };
}
