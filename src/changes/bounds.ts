import * as structs from "../../build/structs.ts";
import { shown } from "../checks/check.ts";
import type { TensorPlace } from "../format/header.ts";
import { paddedCodeword } from "../format/tensor-spec.ts";
import { codebookDims } from "../format/tensors.ts";
import { measureBounds } from "../memory/measure-bounds.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { STEP_DEVIATION, SUM_ROUNDING } from "../memory/score-rounding.ts";

/** The factor that makes up, with room, for what a sum of norms can lose by rounding in f64 and to f32. */
const GROW = 1 + 2 ** -21;

/**
 * Rows and biases may be at most this many times the largest of the file: one beyond all others would dominate every answer.
 */
const MOST_GROWTH = 4;
/** The largest bias of a file counts as at least this: four nats more than all others dominate nothing. */
const LEAST_BIAS = 1;

/** The largest norm of a row, and the largest magnitude of a bias. */
export interface Largest {
  readonly norm: number;
  readonly bias: number;
}

/** Returns the largest row and bias of several files. Undefined if none of them has classes. */
export function largestOf(files: readonly (Largest | undefined)[]): Largest | undefined {
  const all = files.flatMap((file) => file ?? []);
  if (all.length === 0) return undefined;
  return { norm: Math.max(...all.map(({ norm }) => norm)), bias: Math.max(...all.map(({ bias }) => bias)) };
}

/**
 * Compared with these, no row or bias is too large. Changes of a log were checked by whoever wrote them, with the version that was
 * served then, and a reader that refused one of them could not go on.
 */
export const ANY_SIZE: Largest = { norm: Number.POSITIVE_INFINITY, bias: Number.POSITIVE_INFINITY };

/** A row or bias that is too large beside the largest of a file. */
interface Excess {
  readonly list: "rows" | "biases";
  /** Names the row, the expected and the given. */
  readonly problem: string;
}

/** Returns what is too large of a row and its bias, if anything is. */
export function excessOf(label: string, row: number, { norm, bias }: Largest, ofFile: Largest): Excess | undefined {
  for (const [list, what, got, largest, least] of [
    ["rows", "a norm of", norm, ofFile.norm, 0],
    ["biases", "a magnitude of", Math.abs(bias), ofFile.bias, LEAST_BIAS],
  ] as const) {
    const limit = MOST_GROWTH * Math.max(largest, least);
    if (got <= limit) continue;
    const reason = `${MOST_GROWTH} times the largest of the file${least > 0 ? ` (at least ${least})` : ""}`;
    const expected = `${what} at most ${limit}, which is ${reason}`;
    return { list, problem: `row ${row}, ${shown(label)}, expected ${expected}, got ${got}` };
  }
  return undefined;
}

/** Throws a RangeError for a row or bias that is too large beside the largest of a file. */
export function checkGrowth(label: string, row: number, of: Largest, ofFile: Largest): void {
  const excess = excessOf(label, row, of, ofFile);
  if (excess) throw new RangeError(`"upserts.${excess.list}" of ${excess.problem}: build a new index with it`);
}

/**
 * The bounds of a file, and those of the file with changes. Certified answers rest on them (docs/method.md, 5). They depend
 * only on the rows in place.
 */
export class Bounds {
  /** The largest row and bias of the file. Undefined in a file without classes. */
  readonly ofFile: Largest | undefined;
  readonly #normBound: number;
  readonly #rowBound: number;
  readonly #biasBound: number;
  /** Twice the largest norms of codewords, summed. */
  readonly #codewords: number;
  readonly #scoreByStep: number;
  readonly #scoreByNorm: number;

  /** Measures the file, if no call has done so. There must be no changes in place. */
  constructor(opened: OpenedIndex) {
    measureBounds(opened);
    const fields = fieldsOf(opened);
    this.#normBound = fields.getFloat32(structs.LAYOUT_NORM_BOUND, true);
    this.#rowBound = fields.getFloat32(structs.LAYOUT_ROW_BOUND, true);
    this.#biasBound = fields.getFloat32(structs.LAYOUT_BIAS_BOUND, true);
    this.#codewords = 2 * largestCodewords(opened);
    this.#scoreByStep = opened.errorBars.scoreByStep;
    this.#scoreByNorm = opened.errorBars.scoreByNorm;
    this.ofFile = opened.plan.itemCount > 0 ? { norm: this.#rowBound, bias: this.#biasBound } : undefined;
  }

  /** Puts the bounds of the file and of rows up to this norm and bias in place. */
  widen(opened: OpenedIndex, norm: number, bias: number): void {
    const fields = fieldsOf(opened);
    const normBound = Math.max(this.#normBound, (this.#codewords + norm) * GROW);
    fields.setFloat32(structs.LAYOUT_NORM_BOUND, normBound, true);
    fields.setFloat32(structs.LAYOUT_ROW_BOUND, Math.max(this.#rowBound, norm), true);
    fields.setFloat32(structs.LAYOUT_BIAS_BOUND, Math.max(this.#biasBound, bias), true);
    const widened = (score: number, part: number): number => (score > 0 ? Math.max(score, part * norm) : 0);
    opened.errorBars = {
      ...opened.errorBars,
      scoreByStep: widened(this.#scoreByStep, STEP_DEVIATION),
      scoreByNorm: widened(this.#scoreByNorm, SUM_ROUNDING),
    };
  }
}

const fieldsOf = ({ kernels, plan }: OpenedIndex): DataView => new DataView(kernels.memory.buffer, plan.layout);

/** Returns the sum of the largest norm of a codeword of each codebook. */
function largestCodewords({ kernels, plan, header }: OpenedIndex): number {
  const dims = codebookDims(header.facts);
  const largest = (["codebook1", "codebook2"] as const).map((name, i) => {
    const { begin, end } = header.tensors[name] as TensorPlace;
    const values = new Float32Array(kernels.memory.buffer, plan.file + begin, (end - begin) / 4);
    const stride = paddedCodeword(dims[i] as number);
    let most = 0;
    for (let first = 0; first < values.length; first += stride) {
      let square = 0;
      for (let d = first; d < first + stride; d++) square += (values[d] as number) ** 2;
      most = Math.max(most, square);
    }
    return Math.sqrt(most);
  });
  return (largest[0] as number) + (largest[1] as number);
}
