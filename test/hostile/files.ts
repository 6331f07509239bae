import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";

// The files are built and not made up, since an attacker starts from a good file.

/** Small files that together have every tensor, both quantizers, both metrics and every row type. */
export const SMALL_FILES = {
  "RQ, f32 rows, bias": await file(40, 6, { quantizer: "rq", rowType: "f32", bits: 2, bias: randomRows(40, 7) }),
  "PQ, f16 rows, cosine, fine codes": await file(45, 7, {
    ...{ quantizer: "pq", rowType: "f16", bits: 2, metric: "cosine", fineCodes: true },
    queries: randomRows(20 * 7, 8),
  }),
  "RQ, i8 rows, bias, fine codes": await file(50, 9, {
    ...{ quantizer: "rq", rowType: "i8", bits: 2, bias: randomRows(50, 9), fineCodes: true },
    labels: Array.from({ length: 50 }, (_, id) => `é${id}`),
    features: {
      ...{ data: randomRows(7 * 9, 13), shape: [7, 9], positions: randomRows(3 * 9, 14), pooling: "mean" },
      labels: Array.from({ length: 7 }, (_, id) => `ö${"abc".slice(id % 4)}${id}`),
    },
    queries: randomRows(20 * 9, 10),
  }),
} as const;

export const SMALL_NAMES = Object.keys(SMALL_FILES) as (keyof typeof SMALL_FILES)[];

/** A file with enough classes that bounds, envelopes and streams of arrivals pay off. */
export const LARGER_FILE = await file(3000, 12, {
  ...{ quantizer: "rq", rowType: "i8", bits: 4, bias: randomRows(3000, 11), fineCodes: true },
  queries: randomRows(20 * 12, 12),
});

function file(itemCount: number, dim: number, options: BuildOptions): Promise<Uint8Array<ArrayBuffer>> {
  return buildIndex({ data: randomRows(itemCount * dim, dim), shape: [itemCount, dim] }, { ...options, seed: 1 });
}
