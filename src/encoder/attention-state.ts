import type { AttentionFacts } from "../format/encoder-facts.ts";

/** The version of the form of a state. */
const VERSION = 1;
const HEADER = 4;

/**
 * The state of attention: a version, `dim`, `blocks`, the number of items that were read, at most `length`, and for each of
 * these the vector, then the keys and values of each block. So a step computes one row, and a state of another encoder is
 * recognized.
 */
export function attentionState({ blocks, length }: Pick<AttentionFacts, "blocks" | "length">, dim: number) {
  const rowValues = dim * (1 + 2 * blocks);
  /** A state from JSON is a plain array, which has no views. */
  const rowsOf = (state: Float32Array): Float32Array =>
    (state instanceof Float32Array ? state : Float32Array.from(state)).subarray(HEADER);
  /** Returns the number of items that were read. */
  const countOf = (state: Float32Array): number => (state.length - HEADER) / rowValues;
  const of = (rows: Float32Array): Float32Array<ArrayBuffer> => {
    const state = new Float32Array(HEADER + rows.length);
    state.set([VERSION, dim, blocks, rows.length / rowValues]);
    state.set(rows, HEADER);
    return state;
  };
  return {
    rowValues,
    rowsOf,
    of,
    start: (): Float32Array<ArrayBuffer> => of(new Float32Array(0)),
    countOf,
    /** Returns the vectors of the items that were read. */
    vectorsOf(state: Float32Array): Float32Array[] {
      const rows = rowsOf(state);
      return Array.from({ length: countOf(state) }, (_, row) => rows.subarray(row * rowValues, row * rowValues + dim));
    },
    flaw(state: Float32Array): string | undefined {
      const [version, ownDim, ownBlocks, count = -1] = state;
      if (state.length < HEADER)
        return `expected ${HEADER} values or more, got ${state.length}: those of start() or of a step`;
      if (version !== VERSION)
        return `expected version ${VERSION} of this form, got ${version}: begin without a state again`;
      if (ownDim !== dim || ownBlocks !== blocks) {
        return `expected that of ${blocks} blocks of ${dim} values, got one of ${ownBlocks} of ${ownDim}`;
      }
      const expected = HEADER + count * rowValues;
      if (Number.isInteger(count) && count >= 0 && count <= length && state.length === expected) return undefined;
      return `expected ${expected} values of ${count} items, at most ${length} of them, got ${state.length}`;
    },
  };
}
