import { describe, expect, it } from 'vitest';
import { parseTelemetry } from './settings.ts';

describe('what a process is told of telemetry', () => {
  it('nothing: lines from "info" on, and no traces', () => {
    expect(parseTelemetry({})).toEqual({ logLevel: 'info', traces: null });
    expect(parseTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }).traces).toBeNull();
  });

  it('a receiver: all traces go there, or the share that is named', () => {
    const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:4318/';
    expect(parseTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT }).traces).toEqual({
      endpoint: 'http://127.0.0.1:4318',
      ratio: 1,
    });
    expect(parseTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER_ARG: '0.01' }).traces?.ratio).toBe(0.01);
  });

  it.each([
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'file:///etc/passwd' },
    { OTEL_TRACES_SAMPLER_ARG: '2' },
    { OTEL_TRACES_SAMPLER_ARG: 'some' },
    { ASSAY_LOG_LEVEL: 'loud' },
  ])('%j stops the start, by its name', (env) => {
    expect(() => parseTelemetry(env)).toThrow(Object.keys(env)[0]);
  });
});
