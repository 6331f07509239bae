import { compareLabels, type LabelTable } from "../../memory/labels.ts";
import type { BaseIndex } from "./base-index.ts";
import type { ResolvedChanges } from "./resolved-changes.ts";

/**
 * Returns the labels of the classes that are left. An index without labels gets its ids as labels of the new file if
 * `writesIds`; otherwise every class must keep its id, and a RangeError says what to do if one does not.
 */
export function compactLabels(
  { warm, facts }: BaseIndex,
  resolved: ResolvedChanges,
  writesIds: boolean,
): LabelTable | undefined {
  const { newIds, oldIds, added } = resolved;
  const old = warm.labels;
  if (old) return joined(old, resolved);
  if (writesIds) {
    const texts = new Array<Uint8Array>(oldIds.length);
    const encoder = new TextEncoder();
    for (const [id, newId] of newIds.entries()) if (newId >= 0) texts[newId] = encoder.encode(String(id));
    return sorted(texts);
  }
  const moved = newIds.findIndex((newId, id) => newId >= 0 && newId !== id);
  if (moved < 0) return undefined;
  const removed = newIds.indexOf(-1);
  throw new RangeError(
    `"changes" remove class ${removed} of an index without labels, whose ids are its labels: class ${moved} of ` +
      `${facts.itemCount + added.length} would get another one: { labels: "ids" } of compact, ` +
      "and midx compact --labels ids, write the ids into the new file as labels",
  );
}

/** Joins the labels that are left and those of the added classes. */
function joined(old: LabelTable, { oldIds, added, newIds }: ResolvedChanges): LabelTable {
  const kept = oldIds.length - added.length;
  const lengthOf = (id: number): number => {
    const oldId = oldIds[id] as number;
    if (oldId < 0) return (added[id - kept] as Uint8Array).length;
    return (old.offsets[oldId + 1] as number) - (old.offsets[oldId] as number);
  };
  const offsets = new Int32Array(oldIds.length + 1);
  for (let id = 0; id < oldIds.length; id++) offsets[id + 1] = (offsets[id] as number) + lengthOf(id);
  const text = new Uint8Array(offsets[oldIds.length] as number);
  for (const [id, oldId] of oldIds.entries()) {
    const label = oldId < 0 ? added[id - kept] : old.text.subarray(old.offsets[oldId], old.offsets[oldId + 1]);
    text.set(label as Uint8Array, offsets[id]);
  }
  const unsorted = { offsets, text, order: new Int32Array(0) };
  const names = Int32Array.from(added.keys(), (i) => kept + i).sort((a, b) => compareLabels(unsorted, a, b));
  const order = new Int32Array(oldIds.length);
  let [at, next] = [0, 0];
  for (const oldId of old.order) {
    const id = newIds[oldId] as number;
    if (id < 0) continue;
    while (next < names.length && compareLabels(unsorted, names[next] as number, id) < 0) {
      order[at++] = names[next++] as number;
    }
    order[at++] = id;
  }
  order.set(names.subarray(next), at);
  return { offsets, order, text };
}

function sorted(texts: readonly Uint8Array[]): LabelTable {
  const offsets = new Int32Array(texts.length + 1);
  for (const [id, { length }] of texts.entries()) offsets[id + 1] = (offsets[id] as number) + length;
  const text = new Uint8Array(offsets[texts.length] as number);
  for (const [id, bytes] of texts.entries()) text.set(bytes, offsets[id]);
  const order = Int32Array.from(texts.keys());
  const table = { offsets, order, text };
  order.sort((a, b) => compareLabels(table, a, b));
  return table;
}
