import type { ClassBitmap, Filter } from "../../src/public.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { type AllowedField, readAllowed } from "./allowed.ts";
import { type BiasFields, readBias } from "./bias.ts";
import { readIds, type UnknownLabels } from "./ids.ts";
import { type FieldNames, invalidField } from "./invalid-field.ts";

/** The fields that set the conditions of the softmax. */
export interface ConditionFields {
  readonly temperature?: number | undefined;
  readonly exclude?: readonly unknown[] | undefined;
  readonly allow?: AllowedField | undefined;
  readonly filter?: Filter | undefined;
  readonly namespace?: string | undefined;
  readonly bias?: BiasFields | undefined;
  readonly history?: readonly unknown[] | undefined;
  readonly repetitionPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
}

/** The conditions of a request: for all its queries, or for each of them. */
export interface AllConditionFields extends ConditionFields {
  readonly conditions?: readonly ConditionFields[] | undefined;
  readonly unknownLabels?: UnknownLabels | undefined;
}

/** Conditions as options of the library. */
export interface OwnConditions {
  readonly temperature?: number;
  readonly exclude?: Int32Array;
  readonly allow?: Int32Array | ClassBitmap;
  readonly filter?: Filter;
  readonly namespace?: string;
  readonly bias?: { readonly ids: Int32Array; readonly values: Float64Array };
  readonly history?: Int32Array;
  readonly repetitionPenalty?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
}

/** The conditions of a request as options of the library: for all its queries, or with `conditions` for each of them. */
export interface Conditions extends OwnConditions {
  readonly conditions?: readonly OwnConditions[];
}

/** Returns the conditions of the query in a row. */
export const conditionsAt = ({ conditions, ...shared }: Conditions, row: number): OwnConditions =>
  conditions?.[row] ?? shared;

/**
 * Reads the conditions of a request. `batch` is the number of its queries, undefined for one alone. A 400 names the element
 * that is wrong.
 */
export function readConditions(
  { conditions, unknownLabels = "refuse", ...shared }: AllConditionFields,
  index: ServedIndex,
  batch: number | undefined,
  nameOf: FieldNames,
): Conditions {
  const read = (fields: ConditionFields, place: string): OwnConditions =>
    readOwn(fields, index, place, nameOf, unknownLabels);
  const own = read(shared, "");
  if (!conditions) return own;
  if (batch === undefined) throw invalidField("conditions", "a batch of queries beside it, got one query");
  if (conditions.length !== batch)
    throw invalidField("conditions", `${batch} of them, one for each query, got ${conditions.length}`);
  return { ...own, conditions: conditions.map((each, row) => read(each, `conditions[${row}].`)) };
}

function readOwn(
  { exclude, allow, bias, history, ...others }: ConditionFields,
  index: ServedIndex,
  place: string,
  nameOf: FieldNames,
  unknown: UnknownLabels,
): OwnConditions {
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  return {
    ...(exclude && { exclude: readIds(exclude, `${place}exclude`, index, unknown) }),
    ...(allow && { allow: readAllowed(allow, `${place}${nameOf("allow")}`, index, unknown) }),
    ...(bias && { bias: readBias(bias, index, place, nameOf, unknown) }),
    ...(history && { history: readIds(history, `${place}history`, index, unknown) }),
    ...(Object.fromEntries(given) as Pick<OwnConditions, "temperature">),
  };
}
