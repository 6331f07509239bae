import { type FieldsOf, slateLogProbabilitySchema } from "../contract/requests.ts";
import type { SlateLogProbabilityAnswer } from "../contract/wire.ts";
import { slateWork } from "../request/draw-work.ts";
import { readIds } from "../request/ids.ts";
import type { Endpoint } from "./endpoint.ts";

/** POST /v1/slate-log-probability: the log-probability of drawing classes in this order, without replacement. */
export const slateLogProbability: Endpoint<FieldsOf<typeof slateLogProbabilitySchema>> = {
  path: "/v1/slate-log-probability",
  schema: slateLogProbabilitySchema,
  work: (info, { ids, ...effort }) => slateWork(info, effort, ids.length),
  answer: async ({ index, queries, options: { ids, ...options }, conditions }) =>
    (await index.slateLogProbability(queries, readIds(ids, "ids", index), { ...options, ...conditions })).map(
      (answer) =>
        ({
          logProbability: answer.logProbability,
          logProbabilities: Array.from(answer.logProbabilities),
          exact: answer.exact,
          scored: answer.scored,
        }) satisfies SlateLogProbabilityAnswer,
    ),
};
