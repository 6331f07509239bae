import { kindOf } from "../../checks/check.ts";
import { MAX_LABEL_BYTES } from "../../format/limits.ts";
import { compareLabels, type LabelTable } from "../../memory/labels.ts";

/** Most bytes of UTF-8 per code unit of UTF-16. */
const MOST_BYTES = 3;

/**
 * Encodes the labels of `itemCount` classes or features as a file stores them. A TypeError or RangeError names the option
 * and the first element that is not a label or occurs twice.
 */
export function encodeLabels(labels: readonly string[], itemCount: number, option = "labels"): LabelTable {
  if (!Array.isArray(labels)) throw new TypeError(`"${option}" expected an array of strings, got ${kindOf(labels)}`);
  if (labels.length !== itemCount) {
    throw new RangeError(`"${option}" expected ${itemCount} labels, got ${labels.length}`);
  }
  const offsets = new Int32Array(itemCount + 1);
  const text = encodeText(labels, offsets, option);
  const order = Int32Array.from({ length: itemCount }, (_, id) => id);
  const table = { offsets, order, text };
  order.sort((a, b) => compareLabels(table, a, b));
  for (let i = 1; i < itemCount; i++) {
    const [before, id] = order.subarray(i - 1, i + 1) as unknown as [number, number];
    if (compareLabels(table, before, id) !== 0) continue;
    const got = quoted(labels[id]);
    throw new RangeError(`"${option}"[${id}] expected a label other than that of "${option}"[${before}], got ${got}`);
  }
  return table;
}

/** Encodes the labels end to end in UTF-8 and writes the end of each to `offsets`. */
function encodeText(labels: readonly string[], offsets: Int32Array, option: string): Uint8Array {
  let characters = 0;
  for (const [id, label] of labels.entries()) {
    if (typeof label !== "string") throw new TypeError(`"${option}"[${id}] expected a string, got ${typeof label}`);
    if (!label.isWellFormed())
      throw new RangeError(`"${option}"[${id}] expected Unicode text, got an unpaired surrogate`);
    characters += label.length;
  }
  if (MOST_BYTES * characters > MAX_LABEL_BYTES) {
    throw new RangeError(
      `"${option}" expected at most ${Math.floor(MAX_LABEL_BYTES / MOST_BYTES)} characters in all, got ${characters}`,
    );
  }
  const encoder = new TextEncoder();
  const room = new Uint8Array(MOST_BYTES * characters);
  let end = 0;
  for (const [id, label] of labels.entries()) {
    end += encoder.encodeInto(label, room.subarray(end)).written;
    offsets[id + 1] = end;
  }
  return room.slice(0, end);
}

const quoted = (label: string | undefined): string => JSON.stringify(label?.slice(0, 64));
