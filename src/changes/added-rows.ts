import type { TensorPlace } from "../format/header.ts";
import type { TensorName } from "../format/tensor-spec.ts";
import { rowBytes } from "../format/tensors.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { type RowFacts, rowFactsOf, type StoredRows } from "./stored-changes.ts";

/** The source of a row: the rows in place, or those of changes. */
export interface RowSource {
  readonly id: number;
  readonly from: "place" | "changes";
  readonly row: number;
}

/** A run of rows that are neighbours before and after. */
interface Run extends Omit<RowSource, "id"> {
  readonly place: number;
  readonly length: number;
}

/** Joins neighbours. Most of them stay neighbours if few rows change. */
function* runsOf(sources: readonly RowSource[]): Generator<Run> {
  let place = 0;
  while (place < sources.length) {
    const { from, row } = sources[place] as RowSource;
    let length = 1;
    while (sources[place + length]?.from === from && sources[place + length]?.row === row + length) length++;
    yield { from, row, place, length };
    place += length;
  }
}

/** The rows that changes have added to an index, in its memory behind those of the file. */
export class AddedRows {
  readonly facts: RowFacts;
  readonly #opened: OpenedIndex;

  constructor(opened: OpenedIndex) {
    this.#opened = opened;
    this.facts = rowFactsOf(opened.header.facts);
  }

  /** Puts rows in place in this order, from the `count` in place and those of changes. */
  place(sources: readonly RowSource[], count: number, stored: StoredRows): void {
    const given = {
      rows: stored.rows,
      rowScales: stored.scales,
      "residuals.rows": stored.residuals,
      bias: stored.biases,
    };
    for (const [name, values] of Object.entries(given)) {
      if (!this.#opened.header.tensors[name as TensorName]) continue;
      const bytes = name === "rowScales" || name === "bias" ? 4 : rowBytes(this.facts);
      const room = this.#room(name as TensorName, bytes);
      const before = room.slice(0, count * bytes); // rows move in both directions
      const changes = values ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength) : before;
      for (const { from, row, place, length } of runsOf(sources)) {
        const source = from === "place" ? before : changes;
        room.set(source.subarray(row * bytes, (row + length) * bytes), place * bytes);
      }
    }
    const room = this.#room("ids", 4);
    const ids = new Int32Array(room.buffer, room.byteOffset, room.length / 4);
    ids.set(sources.map(({ id }) => id));
    ids[ids.length - 1] = -1; // the place that belongs to no class
  }

  /** Copies rows in place, in this order. */
  copied(rows: readonly number[]): StoredRows {
    const copy = (name: TensorName, bytes: number): Uint8Array<ArrayBuffer> | undefined => {
      if (!this.#opened.header.tensors[name]) return undefined;
      const room = this.#room(name, bytes);
      const copied = new Uint8Array(rows.length * bytes);
      for (const [place, row] of rows.entries())
        copied.set(room.subarray(row * bytes, (row + 1) * bytes), place * bytes);
      return copied;
    };
    const floats = (name: TensorName): Float32Array | undefined => {
      const bytes = copy(name, 4);
      return bytes && new Float32Array(bytes.buffer);
    };
    const bytesOfRow = rowBytes(this.facts);
    return {
      rows: copy("rows", bytesOfRow) as Uint8Array,
      scales: floats("rowScales"),
      residuals: copy("residuals.rows", bytesOfRow),
      biases: floats("bias"),
    };
  }

  /** The room behind the file's part of a tensor, from the first added position on. */
  #room(name: TensorName, bytes: number): Uint8Array {
    const { kernels, plan, header } = this.#opened;
    const { begin } = header.tensors[name] as TensorPlace;
    const first = plan.file + begin + plan.itemCount * bytes;
    return new Uint8Array(kernels.memory.buffer, first, (plan.capacity - plan.itemCount) * bytes);
  }
}
