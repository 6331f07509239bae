import { createHash } from "node:crypto";
import type { TensorName } from "../../format/tensor-spec.ts";
import type { MultiIndex } from "../../index.ts";
import { openedOf } from "../../parts/opened-of.ts";

/** Copies of one row in this many classes fill a head by default: recall fell to .92 … .99, and to .85 with half of all. */
export const MOST_COPIES = 1000;

/** Rows with fewer copies than this share of what all parts need on average are not carried from part to part. */
const LEAST_SHARE = 1 / 16;
/** The most rows that are carried from part to part: those with the most copies so far. */
const MOST_CARRIED = 100_000;
/** The hash of a row as text, with its count, in a map. */
const CARRIED_BYTES = 250;

/** Returns the most memory that is carried from part to part. */
export const carriedBytes = (itemCount: number): number => CARRIED_BYTES * Math.min(itemCount, MOST_CARRIED);

/** A row, by the number of classes that have it. */
export interface Copies {
  readonly copies: number;
  readonly isZero: boolean;
}

/**
 * Counts the classes with the most frequent row of a table. Equal rows of a part lie in one bucket, except for those that are outliers.
 * At least one part has its share of a row with MOST_COPIES in all parts, so only buckets that are large enough for that are counted.
 * The count is exact for one part.
 */
export class RepeatedRows {
  readonly #share: number;
  #carried = new Map<string, Copies>();

  constructor(partCount: number) {
    this.#share = MOST_COPIES / partCount;
  }

  /** Counts the rows of a part. */
  add(index: MultiIndex): void {
    const { bucketCount, itemCount } = index.info;
    const integers = integersOf(index);
    const [offsets, ids] = [integers("bucketOffsets"), integers("ids")];
    const outliers = countsOf(index, ids.subarray(offsets[bucketCount], itemCount));
    const mostOutliers = Math.max(0, ...Array.from(outliers.values(), ({ copies }) => copies));
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      const own = ids.subarray(offsets[bucket], offsets[bucket + 1]);
      if (own.length + mostOutliers < this.#share) continue;
      for (const [key, counted] of countsOf(index, own)) {
        this.#carry(key, { ...counted, copies: counted.copies + (outliers.get(key)?.copies ?? 0) });
        outliers.delete(key);
      }
    }
    for (const [key, counted] of outliers) this.#carry(key, counted);
  }

  /** Returns the number of classes with the most frequent row that was counted. */
  most(): Copies {
    return [...this.#carried.values()].reduce((most, one) => (one.copies > most.copies ? one : most), NONE);
  }

  #carry(key: string, { copies, isZero }: Copies): void {
    if (copies < LEAST_SHARE * this.#share) return;
    this.#carried.set(key, { copies: copies + (this.#carried.get(key)?.copies ?? 0), isZero });
    if (this.#carried.size <= MOST_CARRIED) return;
    const most = [...this.#carried].sort(([, a], [, b]) => b.copies - a.copies);
    this.#carried = new Map(most.slice(0, MOST_CARRIED / 2));
  }
}

const NONE: Copies = { copies: 0, isZero: false };

/** Counts equal rows, by their hashes. */
function countsOf(index: MultiIndex, ids: Int32Array): Map<string, Copies> {
  const counts = new Map<string, Copies>();
  for (const id of ids) {
    const row = index.rows([id]);
    const key = createHash("sha256").update(row).digest("base64url");
    const before = counts.get(key);
    counts.set(key, { copies: (before?.copies ?? 0) + 1, isZero: before?.isZero ?? row.every((value) => value === 0) });
  }
  return counts;
}

/** Returns a function that finds a tensor of integers in the memory of an index. */
function integersOf(index: MultiIndex): (name: TensorName) => Int32Array {
  const { kernels, header, plan } = openedOf(index);
  return (name) => {
    const { begin, end } = header.tensors[name] as { begin: number; end: number };
    return new Int32Array(kernels.memory.buffer.slice(plan.file + begin, plan.file + end));
  };
}
