import type { MultiIndex } from "../../src/index/multi-index.ts";

/** What a golden file answers, as text that can be compared: floats by their bits. */
export interface GoldenAnswers {
  readonly contentId: string;
  readonly factory: string;
  /** Of every class for each query. Rows and queries are small integers, whose f32 scores no order of additions can change. */
  readonly scores: readonly string[];
  readonly topIds: readonly string[];
  /** Draws, and the bits of their log Q. */
  readonly drawn: readonly string[];
  readonly logQ: readonly string[];
  readonly logPartition: readonly string[];
  /** Those that it makes of all of its features, by id and by name; only of a file with a table of them. */
  readonly queries?: readonly string[];
}

const hex = (values: Float32Array | Float64Array): string =>
  Array.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

/** A zero query, and two of small integers. */
const queries = (dim: number): Float32Array[] =>
  [0, 1, 2].map((n) => Float32Array.from({ length: dim }, (_, i) => ((n * (i * 7 + n)) % 5) - (n > 0 ? 2 : 0)));

export function goldenAnswers(index: MultiIndex): GoldenAnswers {
  const { itemCount, dim, contentId, factory } = index.info;
  const ids = Array.from({ length: itemCount }, (_, id) => id);
  const asked = queries(dim);
  const drawn = asked.map((query) => index.sample(query, 8, { scan: 3, seed: 1, temperature: 8 }));
  return {
    contentId,
    factory,
    scores: asked.map((query) => hex(index.score(query, ids))),
    topIds: asked.map((query) => index.topK(query, 5, { exact: true }).ids.join(" ")),
    drawn: drawn.map((draws) => draws.ids.join(" ")),
    logQ: drawn.map(({ logQ }) => hex(logQ)),
    logPartition: asked.map((query) => hex(Float64Array.of(index.logPartition(query, { exact: true }).logPartition))),
    ...(index.info.features && { queries: queriesOfFeatures(index) }),
  };
}

/** Names of the first are "f0", "f1" …, in another order than the ids. */
function queriesOfFeatures(index: MultiIndex): string[] {
  const ids = Array.from({ length: index.info.features?.positionCount ?? 0 }, (_, id) => id);
  return [index.encode(ids), index.encode(ids.map((id) => `f${id}`)), index.encode(ids, { weights: ids })].map(hex);
}
