import type { TrainingState } from "./checkpoint.ts";

/** RangeError that names the first option, or fact of the examples, that a checkpoint was not trained with. */
export function refuseOtherSettings(before: TrainingState["settings"], now: TrainingState["settings"]): void {
  for (const [name, value] of Object.entries(now)) {
    if (before[name] === value) continue;
    throw new RangeError(`"${name}" expected ${before[name]}, as in what is resumed, got ${value}`);
  }
}
