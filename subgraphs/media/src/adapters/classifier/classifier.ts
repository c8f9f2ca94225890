import { Worker } from 'node:worker_threads';
import type { Finding, Observation } from '../../intake/evidence.ts';
import type { Picture } from '../../intake/picture.ts';
import type { Classifier, ClassLimit } from '../../intake/ports.ts';

/** Probabilities of the model's five classes; they sum to 1. */
export type Scores = Readonly<Record<string, number>>;

export interface NsfwClassifier extends Classifier, AsyncDisposable {
  score(pixels: Uint8Array): Promise<Scores>;
}

interface Waiting {
  resolve(scores: Scores): void;
  reject(error: Error): void;
}

const TOOL = { tool: 'nsfwjs', toolVersion: '4.3.0', dataVersion: 'MobileNetV2Mid' } as const;

/**
 * nsfwjs in a thread of its own. A thread that ends takes what it was asked with it as errors, and a new one is started for
 * what comes next.
 *
 * @param timeoutMs for one picture once the model is loaded, in milliseconds
 */
export function createClassifier(timeoutMs: number): NsfwClassifier {
  let thread: ClassifierThread | undefined;
  const score = (pixels: Uint8Array) => {
    thread ??= startThread(() => (thread = undefined));
    return thread.score(pixels, timeoutMs);
  };
  return {
    score,
    classify: async (picture: Picture, limits) => observationOf(await score(picture.pixels), limits),
    [Symbol.asyncDispose]: async () => void (await thread?.end()),
  };
}

interface ClassifierThread {
  score(pixels: Uint8Array, timeoutMs: number): Promise<Scores>;
  end(): Promise<void>;
}

/** The model, on a machine that has everything else to do. */
const LOADING_MS = 120_000;

function startThread(onEnd: () => void): ClassifierThread {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    stdout: true,
    env: {},
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
  });
  const waiting = new Map<number, Waiting>();
  const loaded = Promise.withResolvers<void>();
  loaded.promise.catch(() => undefined);
  let next = 0;
  worker.on('message', (message: { ready?: boolean; id?: number; scores?: Scores; error?: string }) => {
    if (message.ready) loaded.resolve();
    if (message.id === undefined) return;
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.scores) asked?.resolve(message.scores);
    else asked?.reject(new Error(message.error ?? 'The classifier gave no scores.'));
  });
  let isOver = false;
  const end = (error: Error) => {
    if (isOver) return;
    isOver = true;
    onEnd();
    loaded.reject(error);
    for (const asked of waiting.values()) asked.reject(error);
    waiting.clear();
  };
  worker.on('error', (error) => end(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => end(new Error('The classifier ended.')));
  const within = async <T>(timeoutMs: number, work: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => {
      end(new Error(`The classifier took longer than ${timeoutMs} ms.`));
      void worker.terminate();
    }, timeoutMs);
    return work.finally(() => clearTimeout(timer));
  };
  const loading = within(LOADING_MS, loaded.promise);
  loading.catch(() => undefined);
  const ask = (pixels: Uint8Array) =>
    new Promise<Scores>((resolve, reject) => {
      const id = (next += 1);
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, pixels });
    });
  return {
    score: async (pixels, timeoutMs) => {
      await loading;
      return within(timeoutMs, ask(pixels));
    },
    end: async () => void (await worker.terminate()),
  };
}

/** Every limited label is recorded; those at or above their limit fail. Scores that are not probabilities are no answer. */
export function observationOf(scores: Scores, limits: readonly ClassLimit[]): Observation {
  const sum = Object.values(scores).reduce((total, score) => total + score, 0);
  if (!(Math.abs(sum - 1) < 0.01)) throw new Error('The classifier gave scores that are no probabilities.');
  const findings = limits.map(({ label, classes, limit }): Finding & { over: boolean } => {
    const score = classes.reduce((total, name) => total + (scores[name] ?? 0), 0);
    return { code: 'CLASS', detail: label, score: Math.round(score * 10_000) / 10_000, over: score >= limit };
  });
  const verdict = findings.some(({ over }) => over) ? 'FAIL' : 'PASS';
  return { verdict, ...TOOL, findings: findings.map(({ over: _over, ...finding }) => finding) };
}
