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
  const elementOf = isKeyed ? (i: number): string => `${field}.${String(ids[i]).slice(0, 32)}` : undefined;
  const { ids: classes, isKnown } = readKnown(ids, field, index, unknown, elementOf);
  const added = Float64Array.from(values, (value, i) => {
    if (value === BAN) return Number.NEGATIVE_INFINITY;
    if (typeof value === "number" && Math.abs(value) <= MAGNITUDE_LIMIT) return value;
    const element = elementOf?.(i) ?? `${place}bias.values[${i}]`;
    throw invalidField(
      element,
      `a number of magnitude at most 2^40, or "${BAN}" to ban the class, got ${kindOf(value)}`,
    );
  });
  return { ids: classes, values: added.filter(isKnown) };
}
