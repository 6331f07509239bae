import { FormatError } from "../src/bytes/format-error.ts";
import type { FeatureTable } from "../src/train/build/build-options.ts";
import { type Open, open } from "./open.ts";
import { indexFile, type TinySpec, tinyIndex } from "./tiny-index.ts";
import { randomRows } from "./train/rows.ts";

const LIMITS = { maxDraws: 32, maxK: 16, maxScan: 16 };

/** 17 bytes of labels, one of them empty and one a prefix of another. */
const LABELS = ["b", "", "é", "a", "ab", "😀", "z9", "zz", "日"];

/** Three features of five values and two positions. Their names have 4 bytes: offsets 0, 1, 1, 4 and order 1, 0, 2. */
const FEATURES: FeatureTable = {
  ...{ data: randomRows(15, 2), shape: [3, 5], positions: randomRows(10, 3), pooling: "mean" },
  labels: ["f", "", "日"],
};

/**
 * Nine classes in four buckets, the fullest of three, in four dimensions. The file with int8 rows has every tensor, and
 * five dimensions, so that everything has padding.
 */
export const FILES = {
  f32: small("f32", {}),
  f16: small("f16", { bias: randomRows(9, 1) }),
  i8: small("i8", { bias: randomRows(9, 1), fineCodes: true, dim: 5, labels: LABELS, features: FEATURES }),
};
/** Int8 rows of four dimensions, with bias, without fine codes. */
export const PLAIN = small("i8", { bias: randomRows(9, 1) });
export const FILE_NAMES = Object.keys(FILES) as (keyof typeof FILES)[];

function small(rows: "f32" | "f16" | "i8", more: Partial<TinySpec>): Uint8Array<ArrayBuffer> {
  return indexFile(tinyIndex({ itemCount: 9, dim: 4, bits: 1, rows, codes: [0, 1, 2, 3, 0, 1, 3, 3, 2], ...more }));
}

/** The outcome of reading a file: an index, or the code and offset of a FormatError. Everything else is thrown. */
export interface Outcome {
  readonly code: string;
  readonly offset: number;
  readonly opened?: Open;
}

export async function outcomeOf(source: Uint8Array | ReadableStream<Uint8Array>): Promise<Outcome> {
  try {
    return { code: "none", offset: -1, opened: await open(source, LIMITS) };
  } catch (error) {
    if (error instanceof FormatError) return { code: error.code, offset: error.offset };
    throw error;
  }
}

export async function faultOf(source: Uint8Array | ReadableStream<Uint8Array>): Promise<Omit<Outcome, "opened">> {
  const { code, offset } = await outcomeOf(source);
  return { code, offset };
}

/** Runs 20 queries by every method. Throws if an answer is not a number or names no class. */
export function ask({ index }: Open): void {
  const { itemCount, dim } = index.info;
  const ids = Array.from({ length: itemCount }, (_, id) => id);
  for (let i = 0; i < 20; i++) {
    const query = randomRows(dim, i).map((value) => value * ([1, 0, 2 ** 20, 2 ** 40][i % 4] as number));
    const proposal = { scan: [0, 3, itemCount][i % 3] as number };
    const options = { ...proposal, seed: i };
    const top = index.predict(query, 5, { ...options, draws: 10 });
    const drawn = index.sample(query, 10, options);
    if (index.info.hasFineCodes) {
      const found = index.topK(query, 5, { rescore: [0, 4, itemCount][i % 3] as number });
      const measured = index.topK(query, 5);
      if (![...found.ids, ...measured.ids].every((id) => id >= 0 && id < itemCount)) throw new Error("no class");
      if (![...found.scores, ...measured.scores].every(Number.isFinite)) throw new Error("a score that is no number");
    }
    if (index.info.hasLabels && index.idsOf(index.labels(ids)).some((id, j) => id !== j))
      throw new Error("a label lost");
    const made = index.info.features ? index.encode([2, 0]) : query;
    if (!made.every(Number.isFinite)) throw new Error("a query that is no numbers");
    const numbers = [top.scores, drawn.scores, index.score(query, ids), drawn.logQ, index.logQ(query, ids, proposal)];
    if (!numbers.every((values) => values.every(Number.isFinite))) throw new Error("a score that is no number");
    if (!top.probabilities.every(Number.isFinite)) throw new Error("a probability that is no number");
    if (![...top.ids, ...drawn.ids].every((id) => id >= 0 && id < itemCount)) throw new Error("a class that is none");
  }
}
