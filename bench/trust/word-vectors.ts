// GloVe's vectors of 100,000 words, asked with other words: queries of the same kind as the rows, as in a search by embeddings.
import { loadSet } from "../peers/row-sets.ts";
import type { TrustHead } from "./trust-head.ts";

const WORDS = 100_000;

/** Frequent words and words of any frequency take turns, among the queries that are judged and among those for builds. */
export function wordVectorsHead(): TrustHead {
  const { data, dim, count, asked, known } = loadSet({ name: "GloVe", metric: "dot", words: WORDS });
  const judged = asked.map(({ queries }) => queries.slice(0, queries.length / 2));
  const forBuilds = known.queries.length / dim / asked.length;
  const given = asked.map((_, kind) =>
    Array.from({ length: Math.floor(forBuilds / 2) }, (_row, i) => {
      const row = kind * forBuilds + i;
      return known.queries.subarray(row * dim, (row + 1) * dim);
    }),
  );
  const queries = [...inTurn(judged), ...inTurn(given)].flatMap((query) => Array.from(query));
  return { itemCount: count, dim, data, queries: Float32Array.from(queries) };
}

/** Takes one of each list after the other. The lists have one length. */
const inTurn = <T>(lists: readonly (readonly T[])[]): T[] =>
  (lists[0] ?? []).flatMap((_, i) => lists.map((list) => list[i] as T));
