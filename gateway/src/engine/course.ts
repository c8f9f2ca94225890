import type { Derivation } from './derivation.ts';

/** The way of one execution from what subgraphs tell it to its answer. */
export interface Course extends Derivation {
  /** Nothing more is derived, finished or not. */
  leave(): void;
}

/** The course of an execution that derives everything itself. */
export function createCourse(derivation: Derivation): Course {
  return {
    ask: (node) => derivation.ask(node),
    take: (node, reply) => derivation.take(node, reply),
    finish: () => derivation.finish(),
    leave: () => undefined,
  };
}
