import type { TrainingSettings } from "./checkpoint.ts";

/** Throws a RangeError that names the first setting in which a checkpoint was trained differently. */
export function checkSameSettings(before: TrainingSettings, now: TrainingSettings): void {
  for (const name of new Set([...Object.keys(now), ...Object.keys(before)])) {
    if (before[name] === now[name]) continue;
    throw new RangeError(`"${name}" expected ${before[name]}, as in the checkpoint that is resumed, got ${now[name]}`);
  }
}
