import { descend } from "../../fitting/divergence-descent.ts";
import { groupQueries } from "../../fitting/query-groups.ts";
import { placeClasses } from "../../fitting/resident-classes.ts";
import { proposalDistance, validate } from "../../fitting/validation.ts";
import type { Quantizer } from "../../kmeans/quantizer.ts";
import { startArena } from "../../runtime/arena.ts";
import { runSync } from "../../runtime/event-loop.ts";
import type { TrainKernels } from "../../runtime/kernels.ts";
import { concatQueries } from "./concat-queries.ts";
import type { QuantizedClasses } from "./proposal.ts";

/** One in this many queries is held out for validation. */
const HELD_OUT_OF = 4;
/** With fewer queries nothing is learned. */
const LEAST_QUERIES = 16;
/**
 * Queries per step of Adam. There are few queries, so steps are small. On 100,000 classes with 256 queries KL(P‖Q) falls
 * from .288 to .246 in .4 s, and to .240 in twice as many passes.
 */
const STEP_QUERIES = 16;
const EPOCHS = 4;

/**
 * Moves the codewords towards a small KL(P‖Q) over these queries, with the head of `scan` classes. Returns the old
 * codewords unless the 90th percentile of χ²(P‖Q) over the held-out queries gets smaller. It runs synchronously, takes O(N
 * · dim) per query, and uses the instance's memory.
 */
export function fitCodewords(
  kernels: TrainKernels,
  { rows, biases, quantizer, codes }: QuantizedClasses,
  queries: readonly Float32Array[],
  { scan, seed }: { readonly scan: number; readonly seed: bigint },
): Quantizer {
  if (queries.length < LEAST_QUERIES) return quantizer;
  const { dim } = quantizer;
  const arena = startArena(kernels);
  const classes = placeClasses(arena, biases.length, dim, biases);
  arena.f32(classes.rowsPtr, rows.length).set(rows);
  const tools = { kernels, arena, classes };
  const isHeldOut = (_: Float32Array, i: number): boolean => i % HELD_OUT_OF === 0;
  const fitted = runSync(
    groupQueries(
      tools,
      concatQueries(
        queries.filter((query, i) => !isHeldOut(query, i)),
        dim,
      ),
      STEP_QUERIES,
    ),
  );
  const heldOut = runSync(groupQueries(tools, concatQueries(queries.filter(isHeldOut), dim)));
  const chiSquareOf = (by: Quantizer): number =>
    proposalDistance(runSync(validate(tools, heldOut, by, codes, scan))).chiSquareP90;
  const learned = runSync(descend(tools, fitted, quantizer, codes, { scan, seed, epochs: EPOCHS }));
  return chiSquareOf(learned) < chiSquareOf(quantizer) ? learned : quantizer;
}
