import type { LogitBias } from "../../answers/options.ts";
import type { IndexInfo } from "../../index.ts";

/** Classes as they were given: ids, and labels of an index that has some. */
export type GivenClasses = readonly (number | string)[];

/** Numbers for classes as they were given. */
export interface GivenBias {
  readonly ids: GivenClasses;
  readonly values: readonly number[];
}

/** The conditions of a call that name classes. */
export interface GivenConditions {
  readonly exclude?: GivenClasses;
  readonly allow?: GivenClasses;
  readonly history?: GivenClasses;
  readonly bias?: GivenBias;
}

/** The same conditions as the library takes them. */
interface Conditions {
  readonly exclude?: readonly number[];
  readonly allow?: readonly number[];
  readonly history?: readonly number[];
  readonly bias?: LogitBias;
}

/** The index whose labels name classes. */
export interface LabelledIndex {
  readonly info: Pick<IndexInfo, "hasLabels">;
  idsOf(labels: readonly string[]): Int32Array | Promise<Int32Array>;
}

/** Finds the ids of labels in conditions. RangeError for a label that the index does not have, by the name of its option. */
export async function conditionsOf(
  { exclude, allow, history, bias }: GivenConditions,
  index: LabelledIndex,
): Promise<Conditions> {
  return {
    ...(exclude && { exclude: await idsOf("exclude", exclude, index) }),
    ...(allow && { allow: await idsOf("allow", allow, index) }),
    ...(history && { history: await idsOf("history", history, index) }),
    ...(bias && { bias: { ids: await idsOf("bias", bias.ids, index), values: bias.values } }),
  };
}

async function idsOf(option: string, classes: GivenClasses, index: LabelledIndex): Promise<number[]> {
  const labels = classes.filter((entry) => typeof entry === "string");
  if (labels.length > 0 && !index.info.hasLabels) {
    throw new RangeError(`'--${option}' expected ids of classes, as the index has no labels, got "${labels[0]}"`);
  }
  const found = labels.length > 0 ? await find(option, labels, index) : [];
  let label = 0;
  return classes.map((entry) => (typeof entry === "string" ? (found[label++] as number) : entry));
}

async function find(option: string, labels: readonly string[], index: LabelledIndex): Promise<Int32Array> {
  try {
    return await index.idsOf(labels);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(error.message.replace(/^"labels"\[\d+\]/, `'--${option}'`));
  }
}
