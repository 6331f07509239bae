import * as v from "valibot";
import { count } from "./answer-fields.ts";
import { infoAnswer } from "./answers.ts";
import { routed } from "./router-answers.ts";
import { vectorizeMatch, vectorizeResult, vectorizeVector } from "./vectorize-answers.ts";

// The schemas of the answers of services that take changes. The Worker does not import this file.

const mutationId = v.pipe(
  v.string(),
  v.regex(/^\d+$/),
  v.description("The id of the changes, which are stored: their number in the log, for minMutation."),
);

/** One process can serve all parts of a manifest with their changes. */
export const liveInfoAnswer = v.strictObject({ ...infoAnswer.entries, parts: v.exactOptional(routed.parts) });

export const mutationAnswer = v.strictObject({
  mutationId,
  sequence: v.pipe(count, v.description("The number of the changes in the log, from 1.")),
});

/** The result of Vectorize's writes in their envelope. */
export const vectorizeMutation = v.strictObject({ mutationId });

/** Everything that was written is kept, whatever JSON it is. */
const metadata = v.pipe(
  v.record(v.string(), v.unknown()),
  v.description(
    "The values of the class in the columns of the index. If all are wanted, also its other metadata as they were written, and its label as label, if the index has labels.",
  ),
);

export const liveVectorizeMatch = v.strictObject({
  ...vectorizeMatch.entries,
  metadata: v.exactOptional(metadata),
});

export const liveVectorizeResult = v.strictObject({
  ...vectorizeResult.entries,
  matches: v.pipe(v.array(liveVectorizeMatch), v.description("The matches, best first.")),
});

export const liveVectorizeVectors = v.array(v.strictObject({ ...vectorizeVector.entries, metadata }));
