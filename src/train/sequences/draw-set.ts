import { SHAREDDRAWS_BYTES, SHAREDDRAWS_COUNT, SHAREDDRAWS_IDS, SHAREDDRAWS_SHIFTS } from "../../../build/structs.ts";
import { checkDraws } from "../model/sampled-layer.ts";
import type { SampledClasses, Sampler } from "../samplers/sampler.ts";
import type { LossParts } from "./loss.ts";

/** A set of draws in an instance's memory. */
export interface DrawSet {
  /** Address of the struct of the draws. */
  readonly draws: number;
  /** Address of the drawn classes, i32 (negatives). */
  readonly ids: number;
  /** The bytes of a value of four bytes for each draw, in whole vectors. */
  readonly rowBytes: number;
  /** Checks draws and puts them into the set. */
  place(drawn: SampledClasses, sampler: Sampler): void;
}

/** Plans a set of `negatives` draws, with log Q + log M of each, which is subtracted from its score. */
export function planDrawSet({ kernels, arena, tables }: LossParts, negatives: number): DrawSet {
  const rowBytes = Math.ceil(negatives / 4) * 16;
  const [ids, shifts] = [arena.take(rowBytes), arena.take(rowBytes)];
  const struct = { [SHAREDDRAWS_IDS]: ids, [SHAREDDRAWS_SHIFTS]: shifts, [SHAREDDRAWS_COUNT]: negatives };
  const draws = arena.struct(SHAREDDRAWS_BYTES, struct);
  const logNegatives = kernels.log64(negatives);
  return {
    draws,
    ids,
    rowBytes,
    place(drawn, sampler) {
      checkDraws(drawn, negatives, tables.classes.rows, sampler.name);
      arena.i32(ids, negatives).set(drawn.ids);
      const shiftOf = arena.f32(shifts, negatives);
      for (let k = 0; k < negatives; k++) shiftOf[k] = (drawn.logQ[k] as number) + logNegatives;
    },
  };
}
