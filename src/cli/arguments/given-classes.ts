import type { LogitBias } from "../../answers/options.ts";
import type { IndexInfo } from "../../index.ts";

/** Digits that were given for a class: its id, unless the index has a class with this label. */
interface Digits {
  readonly digits: number;
}

/** Classes as they were given: ids, and labels of an index that has some. */
export type GivenClasses = readonly (number | string | Digits)[];

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
  const ids = classes.map((entry) => (typeof entry === "string" ? (found[label++] as number) : idOf(entry)));
  if (index.info.hasLabels) await refuseLabels(option, classes, index);
  return ids;
}

const idOf = (entry: number | Digits): number => (typeof entry === "number" ? entry : entry.digits);

async function find(option: string, labels: readonly string[], index: LabelledIndex): Promise<Int32Array> {
  try {
    return await index.idsOf(labels);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(error.message.replace(/^"labels"\[\d+\]/, `'--${option}'`));
  }
}

/** Refuses digits that are the id of one class and the label of another, as items often have integers for labels. */
async function refuseLabels(option: string, classes: GivenClasses, index: LabelledIndex): Promise<void> {
  for (const entry of classes) {
    if (typeof entry !== "object") continue;
    const { digits } = entry;
    const labelled = await idWithLabel(String(digits), index);
    if (labelled === undefined || labelled === digits) continue;
    throw new RangeError(
      `'--${option}' expected an id or a label, got ${digits}, which is the label of the class with the id ${labelled}: ` +
        `write '"${digits}"' for this class, and the class with the id ${digits} by its own label`,
    );
  }
}

async function idWithLabel(label: string, index: LabelledIndex): Promise<number | undefined> {
  try {
    return (await index.idsOf([label]))[0];
  } catch {
    return undefined; // no class has it
  }
}
