import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/** The classes that codebooks are fitted for, in the memory of the train instance. */
export interface HeldClasses {
  readonly itemCount: number;
  readonly dim: number;
  /** f32 (itemCount, dim). */
  readonly rowsPtr: number;
  /** f32 (itemCount): zeros where there are none. */
  readonly biasesPtr: number;
  readonly biases: Float32Array;
}

/** What the fitting works with: an instance, and its memory from the arena on. */
export interface FitTools {
  readonly kernels: TrainKernels;
  readonly arena: Arena;
  readonly classes: HeldClasses;
}

/** Room for the rows, which the caller fills. */
export function holdClasses(
  arena: Arena,
  itemCount: number,
  dim: number,
  biases: Float32Array = new Float32Array(itemCount),
): HeldClasses {
  const rowsPtr = arena.take(itemCount * dim * 4);
  const biasesPtr = arena.take(itemCount * 4);
  arena.f32(biasesPtr, itemCount).set(biases);
  return { itemCount, dim, rowsPtr, biasesPtr, biases };
}
