/** The only place that reads the process's environment. */
export const env: Readonly<Record<string, string | undefined>> = process.env;
