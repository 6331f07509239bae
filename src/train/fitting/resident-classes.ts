import { CLASSES_BIASES, CLASSES_BYTES, CLASSES_DIM, CLASSES_ROWS } from "../../../build/structs.ts";
import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/** The classes that codebooks are fitted for, in the memory of the train instance. */
export interface ResidentClasses {
  /** The address of the Classes struct. */
  readonly address: number;
  readonly itemCount: number;
  readonly dim: number;
  /** f32 (itemCount, dim). */
  readonly rowsPtr: number;
  /** f32 (itemCount). Zeros where there are no biases. */
  readonly biasesPtr: number;
  readonly biases: Float32Array;
}

/** The tools of a fit: an instance and the part of its memory that is free. */
export interface FitTools {
  readonly kernels: TrainKernels;
  readonly arena: Arena;
  readonly classes: ResidentClasses;
}

/** Allocates the classes. The caller fills in the rows. */
export function placeClasses(
  arena: Arena,
  itemCount: number,
  dim: number,
  biases: Float32Array = new Float32Array(itemCount),
): ResidentClasses {
  const rowsPtr = arena.take(itemCount * dim * 4);
  const biasesPtr = arena.take(itemCount * 4);
  arena.f32(biasesPtr, itemCount).set(biases);
  const address = arena.struct(CLASSES_BYTES, {
    [CLASSES_ROWS]: rowsPtr,
    [CLASSES_BIASES]: biasesPtr,
    [CLASSES_DIM]: dim,
  });
  return { address, itemCount, dim, rowsPtr, biasesPtr, biases };
}
