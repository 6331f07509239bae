import type { TrainingSettings } from "./checkpoint.ts";

/** A setting that has its default may be absent. */
const shown = (setting: TrainingSettings[string] | undefined): unknown => setting ?? "its default";

/** Throws a RangeError that names the first setting in which a checkpoint was trained differently. */
export function checkSameSettings(before: TrainingSettings, now: TrainingSettings): void {
  for (const name of new Set([...Object.keys(now), ...Object.keys(before)])) {
    if (before[name] === now[name]) continue;
    const [expected, got] = [shown(before[name]), shown(now[name])];
    throw new RangeError(`"${name}" expected ${expected}, as in the checkpoint that is resumed, got ${got}`);
  }
}
