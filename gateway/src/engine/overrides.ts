import { type DocumentNode, type FieldDefinitionNode, Kind } from 'graphql';

/** Labels of progressive overrides (Federation, `@override(label:)`; in the supergraph join__field's `overrideLabel`). */
export function readLabels(supergraph: DocumentNode): readonly string[] {
  const labels = supergraph.definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION
      ? (definition.fields ?? []).flatMap(labelsOf)
      : [],
  );
  return [...new Set(labels)];
}

function labelsOf({ directives = [] }: FieldDefinitionNode): readonly string[] {
  return directives
    .flatMap((directive) => directive.arguments ?? [])
    .flatMap(({ name, value }) => (name.value === 'overrideLabel' && value.kind === Kind.STRING ? [value.value] : []));
}

/**
 * Shares of requests that overrides send to another subgraph (`label: "percent(5)"`), in ascending order: whoever has drawn a number
 * below one is sent there. Other labels are somebody else's to set, and are never set here.
 */
export function readPercents(supergraph: DocumentNode): readonly number[] {
  const percents = readLabels(supergraph).flatMap((label) => percentOf(label) ?? []);
  return [...new Set(percents)].sort((one, other) => one - other);
}

/** @returns null for a label that is no share */
export function percentOf(label: string): number | null {
  const [, percent] = /^percent\((\d{1,3}(?:\.\d+)?)\)$/.exec(label) ?? [];
  return percent === undefined ? null : Number(percent);
}

/**
 * Draws for one request, which is planned alike by all that draw the same.
 *
 * @returns the largest share that is not above the number drawn from 0 to 100; 0 when there is none
 */
export function draw(percents: readonly number[], random: () => number = Math.random): number {
  if (percents.length === 0) return 0;
  const drawn = random() * 100;
  return percents.findLast((percent) => percent <= drawn) ?? 0;
}
