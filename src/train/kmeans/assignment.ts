import { NEAREST_BYTES, NEAREST_CODES } from "../../../build/structs.ts";
import { FINE_CODEWORDS, FINE_DIMS, PANEL_LINE_BYTES, PANEL_WIDTH } from "../../abi.ts";
import { BLOCK_ROWS, type RowSource } from "../rows/row-source.ts";
import type { Arena } from "../runtime/arena.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/** A codebook in the train instance, in both layouts that the kernels read, and room for the codes of one block. */
export interface Assignment {
  readonly codebookPtr: number;
  readonly codesPtr: number;
  setCodebook(codebook: Float32Array): void;
  /** Writes the nearest codeword of each of the `count` rows at `rowsPtr` to `codesPtr`. Ties go to the lower codeword. */
  assign(rowsPtr: number, count: number): void;
}

export function planAssignment(kernels: TrainKernels, arena: Arena, codewordCount: number, dim: number): Assignment {
  const codebookPtr = arena.take(codewordCount * dim * 4);
  const panelsPtr = arena.take(Math.ceil(codewordCount / PANEL_WIDTH) * (dim + 1) * PANEL_LINE_BYTES);
  const codesPtr = arena.take(BLOCK_ROWS * 2);
  const nearestPtr = arena.struct(NEAREST_BYTES, { [NEAREST_CODES]: codesPtr });
  const arePairs = codewordCount === FINE_CODEWORDS && dim === FINE_DIMS;
  return {
    codebookPtr,
    codesPtr,
    setCodebook(codebook) {
      arena.f32(codebookPtr, codebook.length).set(codebook);
      kernels.packPanels(codebookPtr, codewordCount, dim, panelsPtr);
    },
    assign(rowsPtr, count) {
      if (arePairs) kernels.assignPairs(rowsPtr, panelsPtr, count, codesPtr);
      else kernels.assignRows(rowsPtr, panelsPtr, count, codewordCount, dim, nearestPtr);
    },
  };
}

/** Returns the nearest codeword of every row of `source`, in order. */
export async function assignSource(
  kernels: TrainKernels,
  arena: Arena,
  source: RowSource,
  codebook: Float32Array,
  codewordCount: number,
  yieldIfDue: YieldIfDue,
): Promise<Uint16Array> {
  const { rowCount, dim } = source;
  const assignment = planAssignment(kernels, arena, codewordCount, dim);
  const rowsPtr = arena.take(BLOCK_ROWS * dim * 4);
  const codes = new Uint16Array(rowCount);
  assignment.setCodebook(codebook);
  for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - start);
    source.load(start, count, rowsPtr);
    assignment.assign(rowsPtr, count);
    codes.set(arena.u16(assignment.codesPtr, count), start);
    await yieldIfDue();
  }
  return codes;
}
