import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { project } from "./projections.ts";

/** Classes sorted by code, in several tables. A code tells on which sides of `bits` hyperplanes a vector lies. */
export interface HashTables {
  readonly tableCount: number;
  readonly bits: number;
  readonly itemCount: number;
  /** u16 (tableCount, itemCount). */
  readonly codes: Uint16Array;
  /** i32 (tableCount, 2^bits + 1): the start of each code in `ids`. */
  readonly offsets: Int32Array;
  /** i32 (tableCount, itemCount): the classes by code, ascending within a code. */
  readonly ids: Int32Array;
}

export function emptyTables(tableCount: number, bits: number, itemCount: number): HashTables {
  return {
    tableCount,
    bits,
    itemCount,
    codes: new Uint16Array(tableCount * itemCount),
    offsets: new Int32Array(tableCount * (2 ** bits + 1)),
    ids: new Int32Array(tableCount * itemCount),
  };
}

/** Returns the classes with a code in a table. */
export function bucketOf({ bits, itemCount, offsets, ids }: HashTables, table: number, code: number): Int32Array {
  const at = table * (2 ** bits + 1) + code;
  const first = table * itemCount;
  return ids.subarray(first + (offsets[at] as number), first + (offsets[at + 1] as number));
}

/** Computes the codes, u16 (tableCount, n), of rows, f32 (n, dim). `planes` is f32 (tableCount × bits, dim). */
export function codesOf(
  { tableCount, bits }: HashTables,
  kernels: TrainKernels,
  arena: Arena,
  rows: Float32Array,
  planes: Float32Array,
  dim: number,
): Uint16Array {
  const rowCount = rows.length / dim;
  const codes = new Uint16Array(tableCount * rowCount);
  project(kernels, arena, rows, planes, dim, (plane, first, products) => {
    const start = Math.floor(plane / bits) * rowCount + first;
    const bit = 1 << (plane % bits);
    for (let i = 0; i < products.length; i++) {
      if ((products[i] as number) >= 0) codes[start + i] = (codes[start + i] as number) | bit;
    }
  });
  return codes;
}

/** Sorts the classes by these codes. Returns the number of classes that changed their code in at least one table. */
export function fillTables(tables: HashTables, codes: Uint16Array): number {
  const { tableCount, bits, itemCount } = tables;
  let moved = 0;
  for (let id = 0; id < itemCount; id++) {
    for (let at = id; at < codes.length; at += itemCount) {
      if (codes[at] === tables.codes[at]) continue;
      moved++;
      break;
    }
  }
  tables.codes.set(codes);
  for (let table = 0; table < tableCount; table++) {
    const starts = tables.offsets.subarray(table * (2 ** bits + 1), (table + 1) * (2 ** bits + 1)).fill(0);
    const tableCodes = codes.subarray(table * itemCount, (table + 1) * itemCount);
    for (const code of tableCodes) starts[code + 1] = (starts[code + 1] as number) + 1;
    for (let code = 0; code < 2 ** bits; code++)
      starts[code + 1] = (starts[code + 1] as number) + (starts[code] as number);
    const next = starts.slice();
    for (let id = 0; id < itemCount; id++) {
      const code = tableCodes[id] as number;
      tables.ids[table * itemCount + (next[code] as number)] = id;
      next[code] = (next[code] as number) + 1;
    }
  }
  return moved;
}
