import { estimatedJson } from "../estimated.ts";
import type { Question } from "../question.ts";
import { type LogzFields, logzSchema } from "../schemas.ts";
import { logPartitionWork } from "../work.ts";

/** POST /v1/logz: the estimated log-partition with its standard error, and what it certainly lies between. */
export const logz: Question<LogzFields> = {
  path: "/v1/logz",
  schema: logzSchema,
  work: (info, { tolerance, ...effort }) => logPartitionWork(info, effort, tolerance),
  answer: ({ index, queries, options, conditions }) =>
    index.logPartition(queries, { ...options, ...conditions }).map((answer) => ({
      lower: answer.lower,
      upper: answer.upper,
      ...estimatedJson(answer),
    })),
};
