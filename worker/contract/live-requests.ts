import * as v from "valibot";
import { array, objectMessage, wrong } from "./messages.ts";
import { integer } from "./requests.ts";

// The schemas of requests to services that follow a log of changes.

/** The most labels that a request changes. */
export const MAX_CHANGED = 1000;
/** The largest body of changes, in bytes: 16 MiB. */
export const MAX_CHANGES_BYTES = 16777216;

const wrongMutation = wrong("a mutation of an answer: an integer or its digits");
const digits = v.pipe(v.string(), v.regex(/^\d{1,15}$/, wrongMutation), v.transform(Number));

/** The field by which any request names the changes that its answer must have. */
export const live = {
  minMutation: v.exactOptional(v.union([integer(0, Number.MAX_SAFE_INTEGER, wrongMutation), digits], wrongMutation)),
};

/** Classes to add or to replace. Loops check the elements. */
export const upsertSchema = v.strictObject(
  {
    labels: array,
    rows: array,
    biases: v.exactOptional(array),
    metadata: v.exactOptional(array),
    namespaces: v.exactOptional(array),
    space: v.exactOptional(v.string(wrong("a string"))),
  },
  objectMessage,
);

/** Classes to remove. */
export const deleteSchema = v.strictObject({ labels: { ...array } }, objectMessage);

/** The ids of Vectorize's delete_by_ids. */
export const deleteByIdsSchema = v.strictObject({ ids: { ...array } }, objectMessage);
