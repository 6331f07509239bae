import { MAX_IDS } from "../contract/limits.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { invalidField, kindOf } from "./invalid-field.ts";

/** Reads the classes of a field: at most MAX_IDS ids or, if the index has labels, labels. A 400 names the wrong element. */
export function readIds(
  ids: readonly unknown[],
  field: string,
  index: ServedIndex,
  elementOf = (i: number): string => `${field}[${i}]`,
): Int32Array {
  if (ids.length > MAX_IDS) throw invalidField(field, `at most ${MAX_IDS} ids, got ${ids.length}`);
  const { itemCount, hasLabels } = index.info;
  return Int32Array.from(ids, (id, i) => {
    if (typeof id === "string" && hasLabels) return labelled(id, elementOf(i), index);
    if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < itemCount) return id;
    const expected = `an integer from 0 to ${itemCount - 1}${hasLabels ? " or a label" : ""}`;
    throw invalidField(elementOf(i), `${expected}, got ${kindOf(id)}`);
  });
}

function labelled(label: string, field: string, index: ServedIndex): number {
  try {
    return index.idsOf([label])[0] as number;
  } catch {
    throw invalidField(field, "a label of the index, got an unknown string");
  }
}

/** The labels of an answer's classes, if the index has labels. */
export function labelsJson(index: ServedIndex, ids: Int32Array): { readonly labels?: string[] } {
  return index.info.hasLabels ? { labels: index.labels(ids) } : {};
}
