import colors from 'picocolors';

/** What a command says while it works: a line for what is done, and on a terminal a spinner for what is not yet. */
export interface Progress extends Disposable {
  line(name: string, text: string): void;
  begin(name: string): void;
  end(name: string): void;
  /** Shows `name` as busy until the work ends, then a line with what `tell` makes of it; null is no line. */
  during<T>(name: string, work: Promise<T>, tell: (result: T) => string | null): Promise<T>;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
const CLEAR_LINE = '\r\u001b[K';

/** @param out plain lines go to a pipe; nothing but a terminal gets spinners */
export function createProgress(out: NodeJS.WriteStream = process.stdout): Progress {
  const busy = new Set<string>();
  let frame = 0;
  const draw = () => {
    frame = (frame + 1) % FRAMES.length;
    const names = [...busy].join(', ').slice(0, Math.max(20, (out.columns ?? 80) - 4));
    out.write(busy.size > 0 ? `${CLEAR_LINE}${colors.cyan(FRAMES[frame] ?? '')} ${colors.dim(names)}` : CLEAR_LINE);
  };
  const timer = out.isTTY ? setInterval(draw, FRAME_MS).unref() : undefined;
  const line = (name: string, text: string) =>
    void out.write(`${out.isTTY ? CLEAR_LINE : ''}${colors.bold(name.padEnd(13))} ${text}\n`);
  const progress: Progress = {
    line,
    begin: (name) => void busy.add(name),
    end: (name) => void busy.delete(name),
    during: async (name, work, tell) => {
      const from = Date.now();
      busy.add(name);
      try {
        const result = await work;
        const text = tell(result);
        if (text !== null) line(name, `${text.padEnd(41)} ${secondsSince(from)}`);
        return result;
      } finally {
        busy.delete(name);
      }
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      if (out.isTTY) out.write(CLEAR_LINE);
    },
  };
  return progress;
}

/** Such as `1.2 s`. */
export function secondsSince(from: number): string {
  return `${((Date.now() - from) / 1000).toFixed(1)} s`;
}
