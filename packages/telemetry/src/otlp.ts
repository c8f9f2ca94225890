import {
  type Context,
  context,
  createContextKey,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TraceSettings } from './settings.ts';
import type { EntryStep, Note, Recorder, Step } from './trace.ts';

/** How long a span waits for company on its way out, and how long the end of a process waits for the last of them. */
const DELAY_MS = 1_000;
const EXPORT_TIMEOUT_MS = 3_000;
const COMPLAIN_AGAIN_MS = 60_000;
const MAX_ATTRIBUTE_CHARACTERS = 4_000;

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

const OURS = createContextKey('whether the parent of this span is one of our own processes');
const propagator = new W3CTraceContextPropagator();

/**
 * A recorder that sends its spans by OTLP over HTTP, as JSON.
 *
 * @param part `service.name`
 * @param complain is told, once a minute at most, that nobody takes them
 */
export function openRecorder(
  part: string,
  { endpoint, ratio }: TraceSettings,
  complain: (problem: string) => void,
): Recorder & AsyncDisposable {
  diag.setLogger(once(complain), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.namespace': 'assay',
      'service.name': part,
      'process.pid': process.pid,
    }),
    sampler: samplerOf(ratio),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_CHARACTERS },
    spanProcessors: [
      new BatchSpanProcessor({ exporter, scheduledDelayMillis: DELAY_MS, exportTimeoutMillis: EXPORT_TIMEOUT_MS }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return {
    ...recorderOver(provider.getTracer('assay')),
    [Symbol.asyncDispose]: async () => {
      trace.disable();
      context.disable();
      await provider.shutdown();
    },
  };
}

/** A receiver that is away fails each second. */
function once(complain: (problem: string) => void) {
  let quietUntil = 0;
  const say = (message: string) => {
    if (Date.now() < quietUntil) return;
    quietUntil = Date.now() + COMPLAIN_AGAIN_MS;
    complain(message.slice(0, 500));
  };
  const silent = () => undefined;
  return { error: say, warn: say, info: silent, debug: silent, verbose: silent };
}

/** As the parent decided, where it is ours to decide; else by the trace's id, so that all our processes decide alike. */
function samplerOf(ratio: number): Sampler {
  const byRatio = new TraceIdRatioBasedSampler(ratio);
  const always = new AlwaysOnSampler();
  const ofRemote: Sampler = {
    shouldSample: (parent, traceId) =>
      parent.getValue(OURS) ? always.shouldSample() : byRatio.shouldSample(parent, traceId),
    toString: () => `OursOr{${byRatio}}`,
  };
  return new ParentBasedSampler({ root: byRatio, remoteParentSampled: ofRemote });
}

function recorderOver(tracer: Tracer): Recorder {
  const begin = <Result>(step: Step, parent: Context, work: (note: Note) => Result): Result => {
    const span = tracer.startSpan(step.name, optionsOf(step), parent);
    return context.with(trace.setSpan(parent, span), () => run(span, work));
  };
  return {
    enter: (step, work) => begin(step, parentOf(step), work),
    step: (step, work) =>
      trace.getActiveSpan()?.isRecording() ? begin(step, context.active(), work) : work(() => undefined),
    past: (step, startedAt, endedAt) => {
      if (!trace.getActiveSpan()?.isRecording()) return;
      tracer.startSpan(step.name, { ...optionsOf(step), startTime: startedAt }).end(endedAt);
    },
    traceparent: () => {
      const carrier: { traceparent?: string } = {};
      propagator.inject(context.active(), carrier, {
        set: (to: typeof carrier, key, value) => void (key === 'traceparent' && (to.traceparent = value)),
      });
      return carrier.traceparent;
    },
    traceId: () => trace.getActiveSpan()?.spanContext().traceId,
  };
}

function optionsOf({ kind = 'internal', attributes }: Step) {
  return { kind: KINDS[kind], ...(attributes ? { attributes: { ...attributes } } : {}) };
}

function parentOf({ parent, isOurs }: EntryStep): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  const getter = {
    keys: () => ['traceparent'],
    get: (_: unknown, key: string) => (key === 'traceparent' ? parent : undefined),
  };
  return propagator.extract(ROOT_CONTEXT.setValue(OURS, isOurs), {}, getter);
}

/** Ends the span with its work, sync or not. */
function run<Result>(span: Span, work: (note: Note) => Result): Result {
  try {
    const result = work((attributes) => void span.setAttributes({ ...attributes }));
    if (!(result instanceof Promise)) {
      span.end();
      return result;
    }
    result.then(
      () => span.end(),
      (error: unknown) => fail(span, error),
    );
    return result;
  } catch (error) {
    fail(span, error);
    throw error;
  }
}

/** What an error says may hold a value of a client's; its class and code never do. */
function fail(span: Span, error: unknown): void {
  span.setAttribute('error.type', typeOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return code ?? error.name;
}
