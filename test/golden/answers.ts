import type { MultiIndex } from "../../src/index/multi-index.ts";

/** The answers of a golden file as text that can be compared. Floats are given by their bits. */
export interface GoldenAnswers {
  readonly contentId: string;
  readonly factory: string;
  /**
   * The scores of every class for each query. Rows and queries are small integers, so no order of additions changes the
   * f32 scores.
   */
  readonly scores: readonly string[];
  readonly topIds: readonly string[];
  /** The draws and the bits of their log Q. */
  readonly drawn: readonly string[];
  readonly logQ: readonly string[];
  readonly logPartition: readonly string[];
  /** The queries that it makes of all its features, by id and by name; only for a file with a table of features. */
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

/** The first features are named "f0", "f1", …, in another order than their ids. */
function queriesOfFeatures(index: MultiIndex): string[] {
  const ids = Array.from({ length: index.info.features?.positionCount ?? 0 }, (_, id) => id);
  return [index.encode(ids), index.encode(ids.map((id) => `f${id}`)), index.encode(ids, { weights: ids })].map(hex);
}
