import { halfToFloat } from "../../bytes/float16.ts";
import type { StoredRows } from "../../changes/stored-changes.ts";
import type { IndexFacts } from "../../format/facts.ts";
import type { EncodedRows } from "../../format/row-codec.ts";
import { paddedRow, rowBytes } from "../../format/tensors.ts";
import { BLOCK_ROWS } from "../rows/row-source.ts";
import type { RowTable } from "../rows/row-table.ts";
import type { BaseIndex } from "./base-index.ts";
import type { ResolvedChanges } from "./resolved-changes.ts";

/** Values of a chunk, which is 1 MiB. */
const CHUNK_VALUES = 2 ** 18;

/** A chunk of rows as they are stored, and as f32. The next chunk overwrites it. */
export interface StoredChunk {
  readonly first: number;
  readonly end: number;
  readonly stored: EncodedRows;
  /** f32 (rows, dim). */
  readonly values: Float32Array;
}

/** The rows of the classes that are left, by new id, from the file and from changes, as they are stored. */
export class StoredTable implements RowTable {
  readonly itemCount: number;
  readonly dim: number;
  readonly chunkRows: number;
  readonly #facts: IndexFacts;
  readonly #resolved: ResolvedChanges;
  /** The position in the file of each class that the file has. */
  readonly #positions: Int32Array;
  readonly #file: StoredRows;

  constructor(base: BaseIndex, resolved: ResolvedChanges) {
    const { facts } = base;
    this.#facts = facts;
    this.#resolved = resolved;
    this.#positions = base.positions;
    this.#file = {
      rows: base.bytes("rows") as Uint8Array,
      scales: base.floats("rowScales", facts.itemCount),
      residuals: base.bytes("residuals.rows"),
      biases: base.floats("bias", facts.itemCount),
    };
    this.itemCount = resolved.oldIds.length;
    this.dim = base.facts.dim;
    this.chunkRows = Math.max(1, Math.min(BLOCK_ROWS, Math.floor(CHUNK_VALUES / this.dim)));
  }

  *chunks(): Generator<Float32Array> {
    for (const { values } of this.stored()) yield values;
  }

  /** Yields all rows, or those of these classes, in their order. */
  *stored(classes?: Int32Array): Generator<StoredChunk> {
    const { dim, chunkRows } = this;
    const facts = this.#facts;
    const bytesOfRow = rowBytes(facts);
    const count = classes?.length ?? this.itemCount;
    const bytes = new Uint8Array(Math.min(chunkRows, count) * bytesOfRow);
    const scales = new Float32Array(facts.rows === "i8" ? Math.min(chunkRows, count) : 0);
    const values = new Float32Array(Math.min(chunkRows, count) * dim);
    const value = reader(bytes, scales, paddedRow(facts), facts.rows);
    for (let first = 0; first < count; first += chunkRows) {
      const end = Math.min(first + chunkRows, count);
      for (let i = first; i < end; i++) {
        const id = classes ? (classes[i] as number) : i;
        bytes.set(this.record("rows", id) as Uint8Array, (i - first) * bytesOfRow);
        if (scales.length > 0) scales[i - first] = this.float("scales", id) as number;
        for (let d = 0; d < dim; d++) values[(i - first) * dim + d] = value(i - first, d);
      }
      const stored = { bytes: bytes.subarray(0, (end - first) * bytesOfRow), scales, value };
      yield { first, end, stored, values: values.subarray(0, (end - first) * dim) };
    }
  }

  /** Returns the bytes of a row, or of its residuals, as they are stored. Undefined if the index has none. */
  record(part: "rows" | "residuals", id: number): Uint8Array | undefined {
    const bytesOfRow = rowBytes(this.#facts);
    const { from, row } = this.#place(id);
    return from[part]?.subarray(row * bytesOfRow, (row + 1) * bytesOfRow);
  }

  /** Returns the scale or the bias of a class. Undefined if the index has none. */
  float(part: "scales" | "biases", id: number): number | undefined {
    const { from, row } = this.#place(id);
    return from[part]?.[row];
  }

  #place(id: number): { readonly from: StoredRows; readonly row: number } {
    const { freshRows, fresh, oldIds } = this.#resolved;
    const row = freshRows[id] as number;
    if (row >= 0) return { from: fresh, row };
    return { from: this.#file, row: this.#positions[oldIds[id] as number] as number };
  }
}

/** Returns a function that reads a value of the rows in a buffer. */
function reader(
  { buffer }: Uint8Array,
  scales: Float32Array,
  stride: number,
  type: "f32" | "f16" | "i8",
): (row: number, column: number) => number {
  if (type === "f32") {
    const values = new Float32Array(buffer);
    return (row, column) => values[row * stride + column] as number;
  }
  if (type === "f16") {
    const halves = new Uint16Array(buffer);
    return (row, column) => halfToFloat(halves[row * stride + column] as number);
  }
  const codes = new Int8Array(buffer);
  return (row, column) => (codes[row * stride + column] as number) * (scales[row] as number);
}
