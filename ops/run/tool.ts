import { spawn } from 'node:child_process';

export interface ToolOptions {
  readonly cwd?: string;
  /** Beside the caller's own environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly ending?: AbortSignal | undefined;
}

export interface Outcome {
  readonly ok: boolean;
  /** Both streams, as they came. */
  readonly output: string;
}

/** Runs a program to its end, beside everything else. @throws when it is to end early */
export function runTool(command: string, args: readonly string[], options: ToolOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.ending ? { signal: options.ending } : {}),
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    const output = () => Buffer.concat(chunks).toString('utf8');
    child.on('error', (error) =>
      error.name === 'AbortError' ? reject(error) : resolve({ ok: false, output: error.message }),
    );
    child.on('close', (code) => resolve({ ok: code === 0, output: output() }));
  });
}

/** The last lines of what a program said: where its reason stands. */
export function lastLines(output: string, lines = 12): string {
  return output.trimEnd().split('\n').slice(-lines).join('\n');
}
