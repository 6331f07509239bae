import * as v from "valibot";
import { logPartitionSchema, predictSchema, vectorizeSchema } from "./requests.ts";

// The schemas of requests that routers take beside those of an index.

/** The choice whether to answer from some of the parts if others are missing. */
const partial = v.exactOptional(
  v.picklist(["allow", "refuse"], ({ received }) => `expected "allow" or "refuse", got ${received.slice(0, 32)}`),
);

export const predictOfSomeSchema = v.strictObject({ ...predictSchema.entries, partial }, predictSchema.message);
export const logPartitionOfSomeSchema = v.strictObject(
  { ...logPartitionSchema.entries, partial },
  logPartitionSchema.message,
);
export const vectorizeOfSomeSchema = v.strictObject({ ...vectorizeSchema.entries, partial }, vectorizeSchema.message);
