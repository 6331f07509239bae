import type { ColumnValue } from "../format/columns.ts";
import type { TensorPlace } from "../format/header.ts";
import type { FilteredOut } from "../memory/call-conditions.ts";
import { type Column, codedValue, columnsOf } from "../memory/columns.ts";
import type { AddedValues, Delta, GivenValues, ValueTest } from "../memory/delta.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { RecentTables } from "../memory/recent-tables.ts";
import { checkColumns, wantedValues } from "./check-columns.ts";
import { addFailing } from "./column-bits.ts";
import type { Filter } from "./filter.ts";
import { passingCodes } from "./passing-codes.ts";

/** The most filters whose bits are kept, and the most bytes of them; one is always kept. */
const MOST_KEPT = 16;
const MOST_BYTES = 2 ** 20;

interface Kept {
  readonly index: number;
  readonly text: string;
  readonly filtered: FilteredOut;
}

/** The condition of a filter on one column. */
interface Condition {
  /** The place of the column. */
  readonly at: number;
  readonly wanted: Filter[string];
  /** A flag for each code of the file. */
  readonly passes: Uint8Array;
  /** Compares values that changes have given. It is made when the first of them is compared. */
  test?: ValueTest;
}

/** The columns of a loaded index, and the bits of the most recent filters. No answer depends on which are kept. */
export class Filters {
  /** Its delta has the values that changes have given classes. */
  readonly #opened: Pick<OpenedIndex, "kernels" | "plan" | "delta">;
  readonly #columns: readonly Column[];
  readonly #positions: Int32Array;
  readonly #kept = new RecentTables<Kept>();

  constructor(opened: Pick<OpenedIndex, "kernels" | "header" | "plan" | "delta">) {
    const { kernels, header, plan } = opened;
    this.#opened = opened;
    const { buffer } = kernels.memory;
    this.#columns = columnsOf(buffer, header, plan);
    this.#positions = filePositions(buffer, header, plan);
  }

  /**
   * Finds the classes that a filter of copyFilter leaves out and, with `namespace`, those of other namespaces. `prefix`
   * stands before the names in messages. RangeError for a column that the index lacks, and for a value of another type.
   */
  of(filter: Filter | undefined, namespace: string | undefined, prefix: string): FilteredOut {
    const wanted = wantedValues(filter, namespace);
    const text = JSON.stringify(wanted);
    const kept = this.#kept.find((each) => each.text === text);
    if (kept) return kept.filtered;
    checkColumns(wanted, this.#columns, prefix);
    const filtered = this.#filter(wanted);
    const places = Math.min(MOST_KEPT, Math.max(1, Math.floor(MOST_BYTES / Math.max(1, filtered.bits.byteLength))));
    this.#kept.add(places, (index) => ({ index, text, filtered }));
    return filtered;
  }

  /** Returns the values of classes by the names of their columns, without those that they lack. */
  valuesOf(ids: ArrayLike<number>): Record<string, ColumnValue>[] {
    return Array.from(ids, (id) => {
      const given = this.#opened.delta?.valuesOf(id);
      return Object.fromEntries(
        this.#columns.flatMap((column, i): [string, ColumnValue][] => {
          let value = given?.[i];
          if (value === undefined) value = codedValue(column, this.#codeOf(i, id));
          return value === undefined || value === null ? [] : [[column.name, value]];
        }),
      );
    });
  }

  /** Returns the code of a class in the file. A class that changes have added has no position there. */
  #codeOf(column: number, id: number): number {
    return this.#columns[column]?.codes[this.#positions[id] as number] ?? 0;
  }

  #filter(filter: Filter): FilteredOut {
    const positions = this.#positions;
    const { kernels, plan } = this.#opened;
    const conditions = Object.entries(filter).map(([name, wanted]): Condition => {
      const at = this.#columns.findIndex((each) => each.name === name);
      return { at, wanted, passes: passingCodes(this.#columns[at] as Column, wanted) };
    });
    const leavesOutUnvalued = conditions.some(({ passes }) => passes[0] === 0); // classes without any value
    const words = Math.ceil(positions.length / 32);
    const failing = new Int32Array(kernels.memory.buffer, plan.regions.taken, words); // all 0 between calls
    for (const { at, passes } of conditions) addFailing(this.#opened, this.#columns[at] as Column, passes, failing);
    const passing = positions.length - kernels.countBits(failing.byteOffset, 8 * Math.ceil(words / 2));
    const bits = failing.slice();
    failing.fill(0);
    const has = (id: number): boolean => {
      const given = this.#opened.delta?.valuesOf(id);
      if (given) {
        for (const condition of conditions) if (!this.#meets(condition, id, given)) return true;
        return false;
      }
      if (id >= positions.length) return leavesOutUnvalued;
      const position = positions[id] as number;
      return (((bits[position >> 5] as number) >> (position & 31)) & 1) === 1;
    };
    return { bits, passing, has, addedOut: (added) => this.#addedOut(conditions, added) };
  }

  /** Returns a flag for each added row, 1 if its class does not meet all conditions. */
  #addedOut(conditions: readonly Condition[], { ids, columns }: AddedValues): Uint8Array {
    const out = new Uint8Array(ids.length);
    for (const condition of conditions) {
      const { at, passes } = condition;
      const { codes, distinct } = columns[at] as AddedValues["columns"][number];
      const test = this.#test(condition);
      const fails = new Uint8Array(distinct.length); // Uint8Array.from takes three times as long
      for (let code = 0; code < fails.length; code++) fails[code] = Number(!test(distinct[code] as ColumnValue | null));
      for (let row = 0; row < ids.length; row++) {
        const code = codes[row] as number;
        const failed = code < 0 ? 1 - (passes[this.#codeOf(at, ids[row] as number)] as number) : fails[code];
        out[row] = (out[row] as number) | (failed as number);
      }
    }
    return out;
  }

  /** Tells whether a class that changes have given values meets a condition. */
  #meets(condition: Condition, id: number, given: GivenValues): boolean {
    const value = given[condition.at];
    if (value === undefined) return condition.passes[this.#codeOf(condition.at, id)] === 1;
    return this.#test(condition)(value);
  }

  /** Returns the test of a condition for values that changes have given. */
  #test(condition: Condition): ValueTest {
    condition.test ??= (this.#opened.delta as Delta).testOf(condition.wanted);
    return condition.test;
  }
}

/** Returns the position of each class in the file, where changes have not moved its row. */
function filePositions(
  buffer: ArrayBufferLike,
  { tensors }: OpenedIndex["header"],
  { file, itemCount, capacity, regions }: OpenedIndex["plan"],
): Int32Array {
  if (capacity === itemCount) return new Int32Array(buffer, regions.positions, itemCount);
  const positions = new Int32Array(itemCount);
  const ids = new Int32Array(buffer, file + (tensors.ids as TensorPlace).begin, itemCount);
  for (const [position, id] of ids.entries()) positions[id] = position;
  return positions;
}
