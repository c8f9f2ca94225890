/** The one place of `ops/run` that reads the environment. */
export function readEnv(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
