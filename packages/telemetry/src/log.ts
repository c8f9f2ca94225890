import { type Logger, pino } from 'pino';

export type Log = Logger;

/** Names under which a secret could stand in what is logged; the value is never written. */
const SECRET_NAMES = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'token',
  'secret',
  'licenseKey',
  'key',
  'code_verifier',
];
const PATHS = SECRET_NAMES.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/**
 * The log of one part: JSON lines on standard error, secrets cut out by name.
 *
 * @param part such as `gateway`; on every line
 */
export function createLog(part: string): Log {
  return pino(
    {
      name: part,
      level: process.env['ASSAY_LOG_LEVEL'] ?? 'info',
      base: { part },
      redact: { paths: PATHS, censor: '[cut]' },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** Tells whoever started this process that it answers now: one JSON line on standard output. */
export function announceReady(part: string, url: string): void {
  process.stdout.write(`${JSON.stringify({ msg: 'ready', part, url })}\n`);
}
