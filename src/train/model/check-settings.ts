import type { TrainingSettings } from "./checkpoint.ts";

/** Shows a setting, which may be absent if it has its default. */
function shown(setting: TrainingSettings[string] | undefined): unknown {
  if (setting === "sampled") return "one";
  return setting === "full" ? "none, for the full softmax" : (setting ?? "its default");
}

/** The option that a setting follows from. */
const optionOf = (name: string): string => (name === "softmax" ? "sampler" : name);

const OTHER_DATA = ": pass the data of that training";
/** The same data have fewer names where some are left out. */
const OTHER_NAMES = `${OTHER_DATA}, with the same names (--min-count and --max-words)`;

/** The settings that are sizes of the data, with the remedies. */
const OF_DATA: Readonly<Record<string, string>> = {
  classCount: OTHER_NAMES,
  featureCount: OTHER_NAMES,
  examples: OTHER_DATA,
};

/** Checkpoints that are older than the option have no averages, though that is not the default. */
const otherAveraging = ({ averaging }: TrainingSettings): RangeError =>
  new RangeError(
    averaging === undefined
      ? "the checkpoint that is resumed has no averages of weights: resume it with averaging false (--no-averaging)"
      : "the checkpoint that is resumed has averages of weights: resume it with averaging true (without --no-averaging)",
  );

/** A model of features has no encoder. */
const otherEncoder = (before: TrainingSettings, now: TrainingSettings): RangeError =>
  new RangeError(
    `"encoder" expected ${before.encoder ?? "none"}, as in the checkpoint that is resumed, got ${now.encoder ?? "none"}`,
  );

const otherItems = ({ items }: TrainingSettings): RangeError =>
  new RangeError(
    items === "tied"
      ? "the encoder that is resumed reads the vectors of the classes: resume it with tied true (without --no-tied)"
      : "the encoder that is resumed reads vectors of its own: resume it with tied false (--no-tied)",
  );

/** Throws a RangeError that names the first setting in which a checkpoint was trained differently. */
export function checkSameSettings(before: TrainingSettings, now: TrainingSettings): void {
  // The kind of model comes first, because its sizes follow from it, and then the sampler, because the form of the loss does.
  for (const name of new Set(["encoder", "softmax", ...Object.keys(now), ...Object.keys(before)])) {
    if (before[name] === now[name]) continue;
    if (name === "encoder") throw otherEncoder(before, now);
    if (name === "items") throw otherItems(before);
    if (name === "averaging") throw otherAveraging(before);
    const [expected, got] = [shown(before[name]), shown(now[name])];
    const remedy = OF_DATA[name] ?? "";
    throw new RangeError(
      `"${optionOf(name)}" expected ${expected}, as in the checkpoint that is resumed, got ${got}${remedy}`,
    );
  }
}
