import { STAMP } from '../gateways/subgraph-server.ts';

const WORDS =
  'light grain depth frame sharp warm still print copy colour paper studio cloud river stone glass field north'.split(
    ' ',
  );

export interface Product {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
  readonly inStock: boolean;
}

export interface Review {
  readonly id: string;
  readonly body: string;
  readonly upc: string;
  readonly author: string;
}

/** What the subgraphs answer from. */
export interface Rows {
  readonly users: readonly string[];
  readonly products: readonly Product[];
  readonly reviews: readonly Review[];
  /** Of a user, as the reviews' subgraph knows them. */
  reviewsOf(user: string): readonly Review[];
}

/** The lengths of the benchmark's eleven texts, and whose product each is about. */
const TEXTS = [445, 286, 277, 142, 445, 286, 277, 142, 142, 142, 837] as const;
const ABOUT = [1, 1, 1, 1, 2, 2, 2, 2, 3, 4, 4] as const;

/** What is asked for by its name; left out, what the benchmark has. */
export function rowsOf(name: string | undefined): Rows {
  if (name === 'distinct') return distinctRows();
  // All that repeats nothing, and few enough users that the benchmark's own query can be asked of it.
  return name === 'mixed' ? { ...distinctRows(), users: idsTo(6) } : publicRows();
}

/** As the benchmark has it: six users, nine products, eleven reviews, all by the first user, and each user shows the same two. */
function publicRows(): Rows {
  const reviews = TEXTS.map((length, at) => reviewOf(at + 1, length, ABOUT[at] ?? 1, 1));
  return {
    users: idsTo(6),
    products: idsTo(9).map(productOf),
    reviews,
    reviewsOf: () => reviews.slice(0, 2),
  };
}

/** 200 products with ten reviews each; no review, author or text stands twice in an answer. */
function distinctRows(): Rows {
  const reviews = Array.from({ length: 2_000 }, (_, at) => reviewOf(at + 1, 200, Math.floor(at / 10) + 1, at + 1));
  return {
    users: idsTo(2_000),
    products: idsTo(200).map((upc) => ({ ...productOf(upc), name: `${productOf(upc).name} ${STAMP}` })),
    reviews,
    reviewsOf: (user) => reviews.filter(({ author }) => author === user),
  };
}

function idsTo(count: number): string[] {
  return Array.from({ length: count }, (_, at) => String(at + 1));
}

function productOf(upc: string): Product {
  const number = Number(upc);
  const [price, weight] = [number * 311 - 50, number * 90 + 10];
  return { upc, name: `${WORDS[number % WORDS.length]} ${upc}`, price, weight, inStock: number % 3 !== 0 };
}

function reviewOf(number: number, length: number, product: number, author: number): Review {
  let body = `${number}.`;
  for (let at = number; body.length < length; at += 1) body += ` ${WORDS[(at * 7) % WORDS.length]}`;
  return { id: String(number), body: body.slice(0, length), upc: String(product), author: String(author) };
}
