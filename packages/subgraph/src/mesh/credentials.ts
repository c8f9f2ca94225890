import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';

/** What a process shows in a mesh, and whom it believes; PEM. */
export interface Credentials {
  readonly cert: string;
  readonly key: string;
  /** The authority that everybody else's certificate has to be of. */
  readonly ca: string;
}

/** A process's credentials, renewed by somebody else while it runs. */
export interface WatchedCredentials extends Disposable {
  current(): Credentials;
  /** Calls back with each new set. */
  onRenewal(renewed: (credentials: Credentials) => void): void;
}

/** The names that cert-manager and Kubernetes give to the files of a TLS secret. */
const FILES = { cert: 'tls.crt', key: 'tls.key', ca: 'ca.crt' } as const;
const LOOK_MS = 1_000;

/**
 * Reads `tls.crt`, `tls.key` and `ca.crt` of a folder, and looks again each second: polled, since a mounted secret changes by a
 * link that a watcher of files does not see. What does not fit together is half written, and the old set stays in use until its end.
 *
 * @param report gets why a new set could not be taken
 * @throws Error when the first set cannot be used
 */
export async function watchCredentials(
  folder: string,
  report: (error: unknown) => void,
  lookMs = LOOK_MS,
): Promise<WatchedCredentials> {
  let current = await read(folder);
  let complaint = '';
  const listeners: ((credentials: Credentials) => void)[] = [];
  const look = async () => {
    try {
      const found = await read(folder);
      complaint = '';
      if (isSame(found, current)) return;
      current = found;
      for (const renewed of listeners) renewed(found);
    } catch (error) {
      // Once is enough: it is looked at again in a second.
      if (String(error) !== complaint) report(error);
      complaint = String(error);
    }
  };
  const timer = setInterval(() => void look(), lookMs).unref();
  return {
    current: () => current,
    onRenewal: (renewed) => void listeners.push(renewed),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

async function read(folder: string): Promise<Credentials> {
  const [cert, key, ca] = await Promise.all(
    [FILES.cert, FILES.key, FILES.ca].map((file) => readFile(join(folder, file), 'utf8')),
  );
  const credentials = { cert: cert ?? '', key: key ?? '', ca: ca ?? '' };
  createSecureContext(credentials);
  if (!new X509Certificate(credentials.cert).verify(new X509Certificate(credentials.ca).publicKey))
    throw new Error(`The certificate in ${folder} is not of the authority beside it.`);
  return credentials;
}

function isSame(one: Credentials, other: Credentials): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca;
}
