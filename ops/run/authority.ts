import 'reflect-metadata';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { meshNameOf } from '@assay/subgraph/mesh';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(crypto);

/** What a certificate is good for: to ask, or to answer. None is good for both, so that who answers cannot ask. */
export type Purpose = 'client' | 'server';

/** A certificate with its key, and the authority's own certificate; PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** A local certificate authority. Its key is in memory and nowhere else: it ends with the process that made it. */
export interface Authority {
  /** @param lifetimeMs from now; an end before now makes a certificate that has expired */
  issue(process: string, purpose: Purpose, lifetimeMs: number): Promise<Issued>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Clocks of two machines differ by some seconds. */
const BACKDATED_MS = 60_000;
const AUTHORITY_LIFETIME_MS = 365 * 24 * 3_600_000;

/** Makes an authority: ECDSA on P-256, certificates of RFC 5280 with one name and one purpose each. */
export async function createAuthority(): Promise<Authority> {
  const keys = await newKeys();
  const issuer = 'CN=Assay local mesh authority';
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    name: issuer,
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - BACKDATED_MS),
    notAfter: new Date(Date.now() + AUTHORITY_LIFETIME_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    issue: async (process, purpose, lifetimeMs) => {
      const leafKeys = await newKeys();
      const notAfter = new Date(Date.now() + lifetimeMs);
      const cert = await x509.X509CertificateGenerator.create({
        subject: `CN=${process}`,
        issuer,
        publicKey: leafKeys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        notBefore: new Date(Math.min(Date.now(), notAfter.getTime()) - BACKDATED_MS),
        notAfter,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[`${purpose}Auth`]], true),
          new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: meshNameOf(process) }]),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      const key = await crypto.subtle.exportKey('pkcs8', leafKeys.privateKey);
      return {
        cert: cert.toString('pem'),
        key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
        ca: own.toString('pem'),
      };
    },
  };
}

/**
 * Puts credentials where a process looks for them: a folder of its own (0700), files of mode 0600. Each file is exchanged whole;
 * a process that looks between two of them sees that they do not fit, and looks again.
 */
export function writeCredentials(folder: string, { cert, key, ca }: Issued): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  for (const [name, text] of Object.entries({ 'ca.crt': ca, 'tls.key': key, 'tls.crt': cert })) {
    const draft = join(folder, `.${name}.draft`);
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, join(folder, name));
  }
}

function newKeys() {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}
