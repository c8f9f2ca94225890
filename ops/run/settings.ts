import type { Ground } from './part.ts';

/** What a person may tune, by the process that it is for; the names are those that each process's `config.ts` reads. */
const NAMES: Readonly<Record<string, RegExp>> = {
  all: /^(ASSAY_(LOG_LEVEL|BUCKET_[A-Z]+)|OTEL_(EXPORTER_OTLP_(ENDPOINT|HEADERS)|TRACES_SAMPLER_ARG))$/,
  gateway: /^ASSAY_(ORIGINS|GATEWAY_[A-Z_]+|UPLOAD_[A-Z_]+|RATE_[A-Z_]+)$/,
  authority: /^ASSAY_MESH_CERTIFICATE_S$/,
  intake: /^ASSAY_INTAKE_[A-Z_]+$/,
  janitor: /^ASSAY_JANITOR_[A-Z_]+$/,
  edge: /^ASSAY_EDGE_(?!URL$)[A-Z_]+$/,
};

/** The settings of an environment that are meant for our processes; everything else stays behind. */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): NonNullable<Ground['settings']> {
  return Object.fromEntries(
    Object.entries(NAMES).map(([name, pattern]) => [
      name,
      Object.fromEntries(
        Object.entries(env).flatMap(([key, value]) => (value && pattern.test(key) ? [[key, value]] : [])),
      ),
    ]),
  );
}
