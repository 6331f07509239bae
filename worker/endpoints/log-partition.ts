import { type FieldsOf, logPartitionSchema } from "../contract/requests.ts";
import type { LogPartitionAnswer } from "../contract/wire.ts";
import { logPartitionWork } from "../request/work.ts";
import type { Endpoint } from "./endpoint.ts";
import { estimatedJson } from "./estimated.ts";

/** POST /v1/log-partition: the estimated log-partition with its standard error, and with certain bounds. */
export const logPartition: Endpoint<FieldsOf<typeof logPartitionSchema>> = {
  path: "/v1/log-partition",
  schema: logPartitionSchema,
  work: (info, { tolerance, ...effort }) => logPartitionWork(info, effort, tolerance),
  answer: async ({ index, queries, options, conditions }) =>
    (await index.logPartition(queries, { ...options, ...conditions })).map(
      (answer) =>
        ({
          lower: answer.lower,
          upper: answer.upper,
          ...estimatedJson(answer),
        }) satisfies LogPartitionAnswer,
    ),
};
