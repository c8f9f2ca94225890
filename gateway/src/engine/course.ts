import type { ExecutionResult } from 'graphql';
import { type Reply, readReply } from './fetch.ts';
import { type Asked, type AskingNode, ask, requestOf, type Tree, take } from './steps.ts';

/** What one execution derives from what subgraphs tell it, step by step: its requests, and its answer in the end. */
export interface Course {
  /** @returns the variables that a node asks with; null when there is nothing to ask */
  ask(node: AskingNode): Asked['variables'] | null;
  /** @param reply to what the node asked before */
  take(node: AskingNode, reply: Reply): void;
  finish(): ExecutionResult;
  /** Nothing more is derived, finished or not. */
  leave(): void;
}

/** A tree, and what was asked for it and is not answered yet. */
export interface Grown {
  readonly tree: Tree;
  readonly asked: Map<AskingNode, Asked>;
}

/** Asks for a node, and remembers which objects the answer is for. */
export function askFor(node: AskingNode, { tree, asked }: Grown): Asked['variables'] | null {
  const made = ask(node, tree);
  if (made) asked.set(node, made);
  return made?.variables ?? null;
}

/** Takes the reply into the tree. */
export function takeInto(node: AskingNode, reply: Reply, { tree, asked }: Grown): void {
  const made = asked.get(node);
  if (made) take(node, made, readReply(requestOf(node).serviceName, reply), tree);
  asked.delete(node);
}

/** The course of an execution that derives everything itself. */
export function createCourse(tree: Tree, finish: (tree: Tree) => ExecutionResult): Course {
  const grown: Grown = { tree, asked: new Map() };
  return {
    ask: (node) => askFor(node, grown),
    take: (node, reply) => takeInto(node, reply, grown),
    finish: () => finish(tree),
    leave: () => undefined,
  };
}
