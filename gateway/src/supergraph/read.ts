import { readFile } from 'node:fs/promises';
import { type ConstDirectiveNode, type DocumentNode, type EnumTypeDefinitionNode, Kind } from 'graphql';
import { parseSdl, verifyComposed } from './validate.ts';

/** A composed schema, and where its subgraphs are. */
export interface Supergraph {
  readonly sdl: string;
  /** Addresses by the names that plans use. */
  readonly subgraphs: Readonly<Record<string, URL>>;
}

const PATIENCE_MS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads a supergraph from a file or an http(s) address.
 *
 * @throws Error that says what is wrong with it: not there, no GraphQL, no supergraph, an address that is none, two of one name
 */
export async function readSupergraph(place: string): Promise<Supergraph> {
  return parseSupergraph(place, await readSdl(place));
}

/** The text of a supergraph, of which nothing is known yet. @throws Error when it cannot be had */
export function readSdl(place: string): Promise<string> {
  return isAddress(place) ? fetchText(place) : readText(place);
}

/** Whether a supergraph is fetched from somewhere, and not read from a file. */
export function isAddress(place: string): boolean {
  return /^https?:\/\//.test(place);
}

/** @throws Error that says what is wrong with it */
export function parseSupergraph(place: string, sdl: string): Supergraph {
  const document = parseSdl(place, sdl);
  const graphs = graphsOf(document);
  verifyComposed(place, document, graphs);
  return { sdl, subgraphs: subgraphsOf(graphs) };
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const why = isMissing ? 'there is no such file' : cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The supergraph ${path} cannot be read: ${why}.`, { cause });
  });
}

async function fetchText(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch((cause: unknown) => {
    throw new Error(`The supergraph ${url} cannot be fetched.`, { cause });
  });
  if (!answer.ok) throw new Error(`The supergraph ${url} cannot be fetched: status ${answer.status}.`);
  if (Number(answer.headers.get('content-length') ?? 0) > MAX_BYTES) throw new Error('The supergraph is too large.');
  return answer.text();
}

/** The `join__Graph` enum lists each subgraph with `@join__graph(name:, url:)` (the join specification, version 0.3 and later). */
function graphsOf(document: DocumentNode): EnumTypeDefinitionNode {
  const graphs = document.definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
  );
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION)
    throw new Error('This is a schema, but no supergraph: it lists no subgraphs (enum join__Graph). Compose it first.');
  return graphs;
}

function subgraphsOf(graphs: EnumTypeDefinitionNode): Readonly<Record<string, URL>> {
  const named = (graphs.values ?? []).map((value): [string, URL] => {
    const directive = value.directives?.find((each) => each.name.value === 'join__graph');
    const name = argumentOf(directive, 'name') ?? value.name.value;
    const url = argumentOf(directive, 'url') ?? '';
    if (!/^https?:\/\//.test(url) || !URL.canParse(url))
      throw new Error(`The subgraph ${name} has no http address in this supergraph, but "${url}".`);
    return [name, new URL(url)];
  });
  const doubled = named.map(([name]) => name).find((name, at, names) => names.indexOf(name) !== at);
  if (doubled !== undefined) throw new Error(`This supergraph has two subgraphs of the name ${doubled}.`);
  return Object.fromEntries(named);
}

function argumentOf(directive: ConstDirectiveNode | undefined, name: string): string | undefined {
  const value = directive?.arguments?.find((each) => each.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
