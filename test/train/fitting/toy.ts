import type { Codes } from "../../../src/train/codes/encode.ts";
import { type FitTools, placeClasses } from "../../../src/train/fitting/resident-classes.ts";
import type { Quantizer } from "../../../src/train/kmeans/quantizer.ts";
import { startArena } from "../../../src/train/runtime/arena.ts";
import { trainKernels } from "../instances.ts";
import { randomCodes, randomRows } from "../rows.ts";

export interface Toy {
  readonly tools: FitTools;
  readonly rows: Float32Array;
  readonly biases: Float32Array;
  readonly quantizer: Quantizer;
  readonly codes: Codes;
}

/** Makes random classes, codebooks and codes. */
export function toy(kind: "rq" | "pq", itemCount: number, dim: number, bits: number): Toy {
  const kernels = trainKernels();
  const arena = startArena(kernels);
  const rows = randomRows(itemCount * dim, 1);
  const biases = randomRows(itemCount, 2);
  const classes = placeClasses(arena, itemCount, dim, biases);
  arena.f32(classes.rowsPtr, rows.length).set(rows);
  const codewordCount = 2 ** bits;
  const [dim1, dim2] = kind === "rq" ? [dim, dim] : [Math.ceil(dim / 2), Math.floor(dim / 2)];
  const quantizer: Quantizer = {
    ...{ kind, codewordCount, dim, dim1, dim2 },
    codebook1: randomRows(codewordCount * dim1, 3).map((value) => value / 2),
    codebook2: randomRows(codewordCount * dim2, 4).map((value) => value / 2),
  };
  const codes = {
    codes1: randomCodes(itemCount, codewordCount, 5),
    codes2: randomCodes(itemCount, codewordCount, 6),
  };
  return { tools: { kernels, arena, classes }, rows, biases, quantizer, codes };
}
