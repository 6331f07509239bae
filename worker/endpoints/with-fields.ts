import * as v from "valibot";
import type { Endpoint, RequestFields } from "./endpoint.ts";

type Steps = readonly [v.StrictObjectSchema<v.ObjectEntries, undefined>, ...v.GenericPipeAction[]];

/** Adds fields to those of a schema, which is an object or begins with one. */
export function schemaWithFields<Fields>(
  schema: v.GenericSchema<unknown, Fields>,
  entries: v.ObjectEntries,
): v.GenericSchema<unknown, Fields> {
  const [first, ...rest] = ("pipe" in schema ? schema.pipe : [schema]) as unknown as Steps;
  const object = v.strictObject({ ...first.entries, ...entries }, first.message);
  const all = rest.length > 0 ? (v.pipe as (...steps: readonly object[]) => object)(object, ...rest) : object;
  return all as v.GenericSchema<unknown, Fields>;
}

/** An endpoint whose requests may have more fields, which are read elsewhere. */
export function endpointWithFields<Fields extends RequestFields>(
  endpoint: Endpoint<Fields>,
  entries: v.ObjectEntries,
): Endpoint<Fields> {
  const schema = schemaWithFields(endpoint.schema, entries);
  return { ...endpoint, schema, extraFields: [...(endpoint.extraFields ?? []), ...Object.keys(entries)] };
}
