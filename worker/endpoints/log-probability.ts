import { type FieldsOf, logProbabilitySchema } from "../contract/requests.ts";
import type { LogProbabilityAnswer } from "../contract/wire.ts";
import { readIds } from "../request/ids.ts";
import { logProbabilityWork } from "../request/work.ts";
import type { Endpoint } from "./endpoint.ts";
import { estimatedJson } from "./estimated.ts";
import { numbersOf } from "./numbers.ts";

/** POST /v1/log-probability: log-probabilities of given classes, null for a class that takes no part. */
export const logProbability: Endpoint<FieldsOf<typeof logProbabilitySchema>> = {
  path: "/v1/log-probability",
  schema: logProbabilitySchema,
  work: (info, { ids, ...effort }) => logProbabilityWork(info, effort, ids.length),
  answer: async ({ index, queries, options: { ids, ...options }, conditions }) =>
    (await index.logProbability(queries, readIds(ids, "ids", index), { ...options, ...conditions })).map(
      (answer) =>
        ({
          logProbabilities: numbersOf(answer.logProbabilities),
          ...estimatedJson(answer),
        }) satisfies LogProbabilityAnswer,
    ),
};
