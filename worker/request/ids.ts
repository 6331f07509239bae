import { MAX_IDS } from "../contract/limits.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { invalidField, kindOf } from "./invalid-field.ts";

/** Stands for a label that the index does not have. */
const SKIPPED = -2;

/** The treatment of labels that the index does not have: a 400 names the first one, or they are left out. Undefined: a 400. */
export type UnknownLabels = "refuse" | "skip";

/** Reads the classes of a field: at most MAX_IDS ids or, if the index has labels, labels. A 400 names the wrong element. */
export const readIds = (
  ids: readonly unknown[],
  field: string,
  index: ServedIndex,
  unknown?: UnknownLabels,
): Int32Array => readEach(ids, field, index, unknown).filter((id) => id !== SKIPPED);

/** Reads classes as `readIds` does, with a negative number for labels that are left out. */
export function readEach(
  ids: readonly unknown[],
  field: string,
  index: ServedIndex,
  unknown?: UnknownLabels,
  elementOf = (i: number): string => `${field}[${i}]`,
): Int32Array {
  if (ids.length > MAX_IDS) throw invalidField(field, `at most ${MAX_IDS} ids, got ${ids.length}`);
  const { itemCount, hasLabels } = index.info;
  return Int32Array.from(ids, (id, i) => {
    if (typeof id === "string" && hasLabels) return labelled(id, () => elementOf(i), index, unknown);
    if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < itemCount) return id;
    throw invalidField(elementOf(i), `${classesOf(index.info)}, got ${kindOf(id)}`);
  });
}

const classesOf = ({ itemCount, hasLabels }: ServedIndex["info"]): string =>
  itemCount > 0
    ? `an integer from 0 to ${itemCount - 1}${hasLabels ? " or a label" : ""}`
    : "no id, as the index is empty";

function labelled(
  label: string,
  element: () => string,
  index: ServedIndex,
  unknown: UnknownLabels | undefined,
): number {
  try {
    return index.idsOf([label])[0] as number;
  } catch {
    if (unknown === "skip") return SKIPPED;
    const remedy = unknown && ": correct it, or skip unknown labels";
    throw invalidField(element(), `a label of the index, got an unknown string${remedy ?? ""}`);
  }
}

/** The labels of an answer's classes, if the index has labels. */
export function labelsJson(index: ServedIndex, ids: Int32Array): { readonly labels?: string[] } {
  return index.info.hasLabels ? { labels: index.labels(ids) } : {};
}
