import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';
import { inRequest } from './request-scope.ts';
import { setRecorder } from './trace.ts';

/** A log and the lines that it wrote. */
function openLog() {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('gateway', 'info', { write: (line) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

describe('a line of the log', () => {
  it('names the part, and the request that it was written for, also after it has waited', async () => {
    const { log, lines } = openLog();
    await Promise.all(
      ['first', 'second'].map((id) =>
        inRequest(id, async () => {
          await new Promise(setImmediate);
          log.info(`of ${id}`);
        }),
      ),
    );
    log.info('of nobody');
    expect(lines).toMatchObject([
      { part: 'gateway', requestId: 'first', msg: 'of first' },
      { part: 'gateway', requestId: 'second', msg: 'of second' },
      { part: 'gateway', msg: 'of nobody' },
    ]);
    expect(lines[2]).not.toHaveProperty('requestId');
  });

  it('names the trace, where there is one', () => {
    const { log, lines } = openLog();
    const nothing = () => undefined;
    setRecorder({
      enter: (_step, work) => work(nothing),
      step: (_step, work) => work(nothing),
      past: nothing,
      traceparent: nothing,
      traceId: () => '0af7651916cd43dd8448eb211c80319c',
    });
    log.warn('seen');
    setRecorder(null);
    expect(lines).toMatchObject([{ trace_id: '0af7651916cd43dd8448eb211c80319c' }]);
  });

  it('has no secret, by whatever name it came', () => {
    const { log, lines } = openLog();
    const secret = 'hunter2-hunter2';
    log.info(
      { authorization: `Bearer ${secret}`, headers: { cookie: secret }, a: { b: { password: secret } } },
      'told',
    );
    expect(JSON.stringify(lines)).not.toContain(secret);
    expect(lines).toMatchObject([{ authorization: '[cut]', msg: 'told' }]);
  });
});
