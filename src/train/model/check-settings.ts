import type { TrainingSettings } from "./checkpoint.ts";

/** Shows a setting, which may be absent if it has its default. */
function shown(setting: TrainingSettings[string] | undefined): unknown {
  if (setting === "sampled") return "one";
  return setting === "full" ? "none, for the full softmax" : (setting ?? "its default");
}

/** The option that a setting follows from. */
const optionOf = (name: string): string => (name === "softmax" ? "sampler" : name);

/** Throws a RangeError that names the first setting in which a checkpoint was trained differently. */
export function checkSameSettings(before: TrainingSettings, now: TrainingSettings): void {
  for (const name of new Set([...Object.keys(now), ...Object.keys(before)])) {
    if (before[name] === now[name]) continue;
    const [expected, got] = [shown(before[name]), shown(now[name])];
    throw new RangeError(`"${optionOf(name)}" expected ${expected}, as in the checkpoint that is resumed, got ${got}`);
  }
}
