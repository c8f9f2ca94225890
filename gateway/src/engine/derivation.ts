import type { ExecutionResult } from 'graphql';
import { type Reply, readReply } from './fetch.ts';
import { type Asked, type AskingNode, ask, requestOf, type Tree, take } from './steps.ts';

/** What follows from what subgraphs told: what else they are asked, and the answer in the end. */
export interface Derivation {
  /** @returns the variables that a node asks with; null when there is nothing to ask */
  ask(node: AskingNode): Asked['variables'] | null;
  /** @param reply to what the node asked before */
  take(node: AskingNode, reply: Reply): void;
  finish(): ExecutionResult;
}

/** Derives over a tree of objects, whatever is in the answers. */
export function deriveInObjects(tree: Tree, finish: (tree: Tree) => ExecutionResult): Derivation {
  /** Which objects answers are for that are not there yet. */
  const asked = new Map<AskingNode, Asked>();
  return {
    ask: (node) => {
      const made = ask(node, tree);
      if (made) asked.set(node, made);
      return made?.variables ?? null;
    },
    take: (node, reply) => {
      const made = asked.get(node);
      if (made) take(node, made, readReply(requestOf(node), reply), tree);
      asked.delete(node);
    },
    finish: () => finish(tree),
  };
}
