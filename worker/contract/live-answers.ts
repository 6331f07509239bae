import * as v from "valibot";
import { count } from "./answer-fields.ts";

// The schemas of the answers of services that take changes. The Worker does not import this file.

const mutationId = v.pipe(
  v.string(),
  v.regex(/^\d+$/),
  v.description("The id of the changes, which are stored: their number in the log, for minMutation."),
);

export const mutationAnswer = v.strictObject({
  mutationId,
  sequence: v.pipe(count, v.description("The number of the changes in the log, from 1.")),
});

/** The result of Vectorize's writes in their envelope. */
export const vectorizeMutation = v.strictObject({ mutationId });
