import { type FieldsOf, logprobSchema } from "../contract/requests.ts";
import type { LogprobAnswer } from "../contract/wire.ts";
import { readIds } from "../request/ids.ts";
import { logProbabilityWork } from "../request/work.ts";
import { estimatedJson } from "./estimated.ts";
import type { Question } from "./question.ts";

/** POST /v1/logprob: log-probabilities of given classes, null for one that takes no part. */
export const logprob: Question<FieldsOf<typeof logprobSchema>> = {
  path: "/v1/logprob",
  schema: logprobSchema,
  work: (info, { ids, ...effort }) => logProbabilityWork(info, effort, ids.length),
  answer: ({ index, queries, options: { ids, ...options }, conditions }) =>
    index.logProbability(queries, readIds(ids, "ids", index), { ...options, ...conditions }).map(
      (answer) =>
        ({
          logProbabilities: Array.from(answer.logProbabilities),
          ...estimatedJson(answer),
        }) satisfies LogprobAnswer,
    ),
};
