import { z } from 'zod';

/** What a process tells of itself, and to whom. */
export interface TelemetrySettings {
  readonly logLevel: LogLevel;
  /** Null: nobody collects traces, and none are made. */
  readonly traces: TraceSettings | null;
}

export interface TraceSettings {
  /** Where an OTLP/HTTP receiver is, without `/v1/traces`. */
  readonly endpoint: string;
  /** 0 to 1: how many of the traces that begin here are recorded. */
  readonly ratio: number;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Names of the OpenTelemetry specification ("SDK Environment Variables", "OTLP Exporter Configuration"), and one of ours. */
const schema = z.object({
  ASSAY_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
});

/** @throws ZodError that names each variable that is wrong */
export function parseTelemetry(env: Readonly<Record<string, string | undefined>>): TelemetrySettings {
  const value = schema.parse(env);
  const endpoint = value.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/$/, '');
  return Object.freeze({
    logLevel: value.ASSAY_LOG_LEVEL,
    traces: endpoint ? { endpoint, ratio: value.OTEL_TRACES_SAMPLER_ARG } : null,
  });
}
