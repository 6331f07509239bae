import { type FieldsOf, logzSchema } from "../contract/requests.ts";
import type { LogzAnswer } from "../contract/wire.ts";
import { logPartitionWork } from "../request/work.ts";
import { estimatedJson } from "./estimated.ts";
import type { Question } from "./question.ts";

/** POST /v1/logz: the estimated log-partition with its standard error, and what it certainly lies between. */
export const logz: Question<FieldsOf<typeof logzSchema>> = {
  path: "/v1/logz",
  schema: logzSchema,
  work: (info, { tolerance, ...effort }) => logPartitionWork(info, effort, tolerance),
  answer: ({ index, queries, options, conditions }) =>
    index.logPartition(queries, { ...options, ...conditions }).map(
      (answer) =>
        ({
          lower: answer.lower,
          upper: answer.upper,
          ...estimatedJson(answer),
        }) satisfies LogzAnswer,
    ),
};
