import { type FieldsOf, predictSchema } from "../contract/requests.ts";
import type { PredictAnswer } from "../contract/wire.ts";
import { labelsJson } from "../request/ids.ts";
import { predictWork } from "../request/work.ts";
import type { Endpoint } from "./endpoint.ts";
import { estimatedJson } from "./estimated.ts";
import { numbersOf } from "./numbers.ts";

/** POST /v1/predict: the k most probable classes with probabilities, and the log-partition with its error. */
export const predict: Endpoint<FieldsOf<typeof predictSchema>> = {
  path: "/v1/predict",
  schema: predictSchema,
  work: (info, { k, ...effort }) => predictWork(info, effort, k),
  answer: async ({ index, queries, options: { k, ...options }, conditions }) =>
    (await index.predict(queries, k, { ...options, ...conditions })).map(
      (answer) =>
        ({
          ids: numbersOf(answer.ids),
          ...labelsJson(index, answer.ids),
          scores: numbersOf(answer.scores),
          probabilities: numbersOf(answer.probabilities),
          exact: answer.exact,
          ...estimatedJson(answer),
        }) satisfies PredictAnswer,
    ),
};
