/** When everything is to end. */
export interface Ending extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Ctrl-C, a request to end, a terminal that is closed, a pipe that nobody reads any more, an error that nobody caught: all of
 * them end the parts in order. A second signal changes nothing, since everything is ending already.
 */
export function endOnSignals(): Ending {
  const controller = new AbortController();
  const end = () => controller.abort(new Error('It was told to end.'));
  const endWith = (error: unknown) => {
    process.exitCode = 1;
    if (!controller.signal.aborted) process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
    end();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, end);
  process.on('uncaughtException', endWith);
  process.on('unhandledRejection', endWith);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', end);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, end);
      process.off('uncaughtException', endWith);
      process.off('unhandledRejection', endWith);
    },
  };
}
