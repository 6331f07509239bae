import { MAGNITUDE_LIMIT } from "../../src/internal.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { readEach, type UnknownLabels } from "./ids.ts";
import { type FieldNames, invalidField, kindOf } from "./invalid-field.ts";

/** Classes with the numbers that are added to their logits, unchecked. */
export interface BiasFields {
  readonly ids: readonly unknown[];
  readonly values: readonly unknown[];
}

/** JSON has no −∞. null is no stand-in for it, because JSON.stringify writes null for NaN too. */
const BAN = "-Infinity";

/** Reads biases: numbers, or "-Infinity" for a ban. A 400 names the element that is wrong. */
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
  const elementOf = (i: number, list = "ids"): string =>
    isKeyed ? `${place}${name}.${String(ids[i]).slice(0, 32)}` : `${place}bias.${list}[${i}]`;
  const classes = readEach(ids, `${place}${name}`, index, unknown, elementOf);
  if (values.length !== ids.length) {
    throw invalidField(`${place}bias.values`, `${ids.length} values, one for each of "ids", got ${values.length}`);
  }
  const biases = new Map<number, number>();
  for (const [i, id] of classes.entries()) {
    const value = values[i];
    if (value !== BAN && !(typeof value === "number" && Math.abs(value) <= MAGNITUDE_LIMIT)) {
      throw invalidField(
        elementOf(i, "values"),
        `a number of magnitude at most 2^40, or "${BAN}" to ban the class, got ${typeof value === "string" ? JSON.stringify(value.slice(0, 32)) : kindOf(value)}`,
      );
    }
    if (id < 0) continue; // left out, or yet to be looked up by a router, which then begins anew
    if (biases.has(id)) throw invalidField(elementOf(i), `every class once, got ${id} again: add its biases up`);
    biases.set(id, Number(value));
  }
  return { ids: Int32Array.from(biases.keys()), values: Float64Array.from(biases.values()) };
}
