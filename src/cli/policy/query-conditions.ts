import type { ConditionOptions } from "../../answers/options.ts";
import { isObject } from "../../checks/is-object.ts";
import { InputError, isCount, listIn, type Place, wrong } from "./json-lines.ts";

/** The conditions of a request that a candidate keeps. Its temperature is its own. */
export type QueryConditions = Omit<ConditionOptions, "temperature">;

/** Conditions that the index of the candidate checks, because they depend on its columns and classes. */
const CHECKED_BY_INDEX = [
  ...(["filter", "namespace", "bias", "history"] as const),
  ...(["repetitionPenalty", "presencePenalty", "frequencyPenalty"] as const),
];

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Reads the conditions in a line as the service takes them in a request, with ids of the candidate's index. */
export function conditionsIn(place: Place, itemCount: number): QueryConditions {
  const { value } = place;
  const isClass = (id: unknown): id is number => isCount(id) && id < itemCount;
  const lists = (["exclude", "allow"] as const).filter(
    (field) => value[field] !== undefined && !isBitmap(value[field]),
  );
  const others = CHECKED_BY_INDEX.filter((field) => value[field] !== undefined);
  return {
    ...Object.fromEntries(lists.map((field) => [field, listIn(place, field, `an id below ${itemCount}`, isClass)])),
    ...(isBitmap(value.allow) && { allow: { bitmap: bitmapIn(place, value.allow.bitmap) } }),
    ...Object.fromEntries(others.map((field) => [field, field === "bias" ? biasIn(value[field]) : value[field]])),
  };
}

const isBitmap = (allow: unknown): allow is { readonly bitmap: unknown } => isObject(allow) && "bitmap" in allow;

/** Reads the bits of a bitmap, which a request has as base64. The index checks their number. */
function bitmapIn(place: Place, bitmap: unknown): Uint8Array {
  if (typeof bitmap === "string" && BASE64.test(bitmap)) return new Uint8Array(Buffer.from(bitmap, "base64"));
  throw wrong(place, "allow.bitmap", "base64 of the bytes of a bitmap", bitmap);
}

/** Bans have "-Infinity" in JSON, which has no number for it. What is no bias is left to the index. */
function biasIn(bias: unknown): unknown {
  const { ids, values } = Object(bias) as { readonly ids?: unknown; readonly values?: unknown };
  if (!Array.isArray(values)) return bias;
  return { ids, values: values.map((number) => (number === "-Infinity" ? Number.NEGATIVE_INFINITY : number)) };
}

/** Returns an error about a query, or of the index about a condition, with its place, and any other error as it is. */
export function naming({ file, line }: Pick<Place, "file" | "line">, error: unknown): unknown {
  const { message } = error as Error;
  const isOfLine = ["query", "sequence", "allow", ...CHECKED_BY_INDEX].some((field) => message.startsWith(`"${field}`));
  return isOfLine ? new InputError(`${file}:${line}: ${message}`) : error;
}
