import { isObject } from "../../src/internal.ts";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import type { Served } from "../host/host.ts";
import { callLog } from "./call-log.ts";

type Metadata = Readonly<Record<string, unknown>>;

/** Returns a function that adds metadata from the log to classes, in the form in which they were written. */
export function besideIn({ metadata }: ChangeLog): Served["beside"] {
  return (
    metadata &&
    (async (vectors) => {
      if (vectors.length === 0) return vectors;
      const found = await callLog(() => metadata(vectors.map(({ id }) => id)));
      return vectors.map((vector, i) => ({
        ...vector,
        metadata: Object.entries(vector.metadata ?? {}).reduce(placed, found[i] ?? {}),
      }));
    })
  );
}

/** Puts a value of the index in its place among metadata: in the object into which its name leads, or else under its name. */
function placed(metadata: Metadata, [name, value]: readonly [string, unknown]): Metadata {
  const outer = Object.keys(metadata).find((key) => name.startsWith(`${key}.`) && isObject(metadata[key]));
  if (!outer || name in metadata) return { ...metadata, [name]: value };
  return { ...metadata, [outer]: placed(metadata[outer] as Metadata, [name.slice(outer.length + 1), value]) };
}
