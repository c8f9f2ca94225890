/** When everything is to end. */
export interface Ending extends Disposable {
  readonly signal: AbortSignal;
}

export interface EndingOptions {
  /** What SIGHUP asks for where there is no terminal whose closing would say so; left out, it ends everything. */
  onHangup?(): void;
}

/**
 * Ctrl-C, a request to end, a terminal that is closed, a pipe that nobody reads any more, an error that nobody caught: all of
 * them end the parts in order. A second signal changes nothing, since everything is ending already.
 */
export function endOnSignals({ onHangup }: EndingOptions = {}): Ending {
  const controller = new AbortController();
  const end = () => controller.abort(new Error('It was told to end.'));
  const endWith = (error: unknown) => {
    process.exitCode = 1;
    if (!controller.signal.aborted) process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
    end();
  };
  const hangup = onHangup && !process.stdin.isTTY ? onHangup : end;
  const signals = { SIGINT: end, SIGTERM: end, SIGHUP: hangup };
  for (const [signal, act] of Object.entries(signals)) process.on(signal, act);
  process.on('uncaughtException', endWith);
  process.on('unhandledRejection', endWith);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', end);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const [signal, act] of Object.entries(signals)) process.off(signal, act);
      process.off('uncaughtException', endWith);
      process.off('unhandledRejection', endWith);
    },
  };
}
