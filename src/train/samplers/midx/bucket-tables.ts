import {
  BUCKETS_BYTES,
  BUCKETS_CODEWORD_COUNT,
  BUCKETS_COLUMN_BITS,
  BUCKETS_DIM,
  BUCKETS_DIM_1,
  BUCKETS_DIM_2,
  BUCKETS_ITEM_COUNT,
  BUCKETS_REGIONS,
  BUCKETS_ROW_COUNT,
  type BucketsRegion,
  bucketsRegionBytes,
} from "../../../../build/structs.ts";
import { PANEL_WIDTH, ROW_BLOCK_BITS } from "../../../abi.ts";
import type { Quantizer } from "../../kmeans/quantizer.ts";
import type { Arena } from "../../runtime/arena.ts";

/** The tables of a bucket proposal in an instance's memory (assembly/train/bucket-proposal/tables.ts shows the layout). */
export interface BucketTables {
  /** The address of the Buckets struct. */
  readonly buckets: number;
  /** Cells per row. The cell of a class is k1 · columns + k2. */
  readonly columns: number;
  readonly regions: Readonly<Record<BucketsRegion, number>>;
}

/** Allocates tables for N classes and `draws` draws per call. Only the Buckets struct is initialised. */
export function takeBucketTables(
  arena: Arena,
  { codewordCount, dim, dim1, dim2 }: Pick<Quantizer, "codewordCount" | "dim" | "dim1" | "dim2">,
  itemCount: number,
  draws: number,
): BucketTables {
  const rows = Math.max(codewordCount, 2);
  const columnBits = Math.max(31 - Math.clz32(codewordCount), ROW_BLOCK_BITS);
  const columns = 2 ** columnBits;
  const panels = Math.ceil(codewordCount / PANEL_WIDTH);
  const bytes = bucketsRegionBytes({ N: itemCount, C: rows * columns, rows, columns, panels, dim, dim1, dim2, draws });
  const buckets = arena.take(BUCKETS_BYTES);
  const names = Object.keys(bytes) as BucketsRegion[];
  const regions = Object.fromEntries(names.map((name) => [name, arena.take(bytes[name])])) as BucketTables["regions"];
  const words = arena.i32(buckets, BUCKETS_BYTES / 4).fill(0);
  const set = (field: number, value: number): void => {
    words[field / 4] = value;
  };
  set(BUCKETS_ITEM_COUNT, itemCount);
  set(BUCKETS_CODEWORD_COUNT, codewordCount);
  set(BUCKETS_ROW_COUNT, rows);
  set(BUCKETS_COLUMN_BITS, columnBits);
  set(BUCKETS_DIM, dim);
  set(BUCKETS_DIM_1, dim1);
  set(BUCKETS_DIM_2, dim2);
  for (const name of names) set(BUCKETS_REGIONS[name], regions[name]);
  return { buckets, columns, regions };
}
