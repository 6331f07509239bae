import { MAGNITUDE_LIMIT } from "../../src/internal.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { readKnown, type UnknownLabels } from "./ids.ts";
import { type FieldNames, invalidField, kindOf } from "./invalid-field.ts";

/** Classes with the numbers that are added to their logits, unchecked. */
export interface BiasFields {
  readonly ids: readonly unknown[];
  readonly values: readonly unknown[];
}

/** JSON has no −∞. null is no stand-in for it, because JSON.stringify writes null for NaN too. */
const BAN = "-Infinity";

/** Reads biases: numbers, or "-Infinity" for a ban. A 400 names the element that is wrong. The library counts them. */
export function readBias(
  { ids, values }: BiasFields,
  index: ServedIndex,
  place: string,
  nameOf: FieldNames,
  unknown: UnknownLabels,
): { readonly ids: Int32Array; readonly values: Float64Array } {
  const name = nameOf("bias");
  // As an object, the field has its ids as keys.
  const isKeyed = name !== "bias";
  const field = isKeyed ? `${place}${name}` : `${place}bias.ids`;
  const elementOf = (i: number): string => (isKeyed ? `${field}.${String(ids[i]).slice(0, 32)}` : `${field}[${i}]`);
  const { ids: classes, read, isKnown } = readKnown(ids, field, index, unknown, elementOf);
  const added = Float64Array.from(values, (value, i) => {
    if (value === BAN) return Number.NEGATIVE_INFINITY;
    if (typeof value === "number" && Math.abs(value) <= MAGNITUDE_LIMIT) return value;
    const element = isKeyed ? elementOf(i) : `${place}bias.values[${i}]`;
    throw invalidField(
      element,
      `a number of magnitude at most 2^40, or "${BAN}" to ban the class, got ${kindOf(value)}`,
    );
  });
  // The library would name the place among the classes that are left, which is another one where labels were skipped.
  const seen = new Set<number>();
  for (const [i, id] of read.entries()) {
    if (seen.has(id)) throw invalidField(elementOf(i), `every class once, got ${id} again: add its biases up`);
    if (id >= 0) seen.add(id); // others were skipped, or a router has yet to look them up
  }
  return { ids: classes, values: added.filter(isKnown) };
}
