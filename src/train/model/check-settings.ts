import type { TrainingSettings } from "./checkpoint.ts";

/** RangeError that names the first option, or fact of the examples, that a checkpoint was not trained with. */
export function checkSameSettings(before: TrainingSettings, now: TrainingSettings): void {
  for (const name of new Set([...Object.keys(now), ...Object.keys(before)])) {
    if (before[name] === now[name]) continue;
    throw new RangeError(`"${name}" expected ${before[name]}, as in the checkpoint that is resumed, got ${now[name]}`);
  }
}
