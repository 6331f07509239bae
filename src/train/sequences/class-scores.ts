import type { ModelKernels } from "../model/kernels.ts";
import { type Tables, valuesOf } from "../model/tables.ts";
import type { Arena } from "../runtime/arena.ts";
import { type Panels, panelBytes, planPanels, repeatRow, rowsAt, transposed } from "./products.ts";

/** Classes that are packed together: a block stays in the cache. */
export const CLASS_BLOCK = 512;
/** Positions that are scored together. */
export const CHUNK = 128;

const LINE_BYTES = 64;

/** Exact scores of all classes for some positions. */
export interface ClassScores {
  /** Address of the scores, f32, `rowBytes` for each of up to CHUNK positions. */
  readonly scores: number;
  readonly rowBytes: number;
  /** Packs the classes. Their vectors have changed since the last call. */
  prepare(): void;
  /** Scores all classes for `count` queries, f32 (count, dim). */
  score(queries: number, count: number): void;
}

export function planClassScores(kernels: ModelKernels, arena: Arena, { classes, bias }: Tables): ClassScores {
  const { rows: classCount, width: dim, values } = classes;
  // An odd number of cache lines, so that the scores of a class for many positions lie in different sets of the cache.
  const rowBytes = (Math.ceil((classCount * 4) / LINE_BYTES) | 1) * LINE_BYTES;
  const scores = arena.take(CHUNK * rowBytes);
  const padded = new Float32Array(rowBytes / 4);
  const blocks: { readonly first: number; readonly size: number; readonly panels: Panels }[] = [];
  for (let first = 0; first < classCount; first += CLASS_BLOCK) {
    const size = Math.min(CLASS_BLOCK, classCount - first);
    blocks.push({ first, size, panels: planPanels(kernels, arena, panelBytes(dim, size)) });
  }
  return {
    scores,
    rowBytes,
    prepare() {
      for (const { first, size, panels } of blocks) {
        panels.pack(transposed(rowsAt(values + first * dim * 4, dim)), dim, size);
      }
    },
    score(queries, count) {
      padded.set(valuesOf(arena, bias));
      repeatRow(arena, scores, count, padded);
      for (const { first, panels } of blocks) {
        panels.addTo({ out: scores + first * 4, outBytes: rowBytes, rows: count }, rowsAt(queries, dim));
      }
    },
  };
}
