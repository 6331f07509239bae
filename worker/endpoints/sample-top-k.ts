import { type FieldsOf, sampleTopKSchema } from "../contract/requests.ts";
import type { SampleTopKAnswer } from "../contract/wire.ts";
import { sampleTopKWork } from "../request/draw-work.ts";
import { labelsJson } from "../request/ids.ts";
import type { Endpoint } from "./endpoint.ts";
import { numbersOf } from "./numbers.ts";

/** POST /v1/sample-top-k: k distinct classes, drawn without replacement, with weights for sums over all classes. */
export const sampleTopK: Endpoint<FieldsOf<typeof sampleTopKSchema>> = {
  path: "/v1/sample-top-k",
  schema: sampleTopKSchema,
  work: (info, { k, scan, exact }) => sampleTopKWork(info, k, scan, exact),
  answer: async ({ index, queries, options: { k, ...options }, conditions }) =>
    (await index.sampleTopK(queries, k, { ...options, ...conditions })).map(
      (answer) =>
        ({
          ids: numbersOf(answer.ids),
          ...labelsJson(index, answer.ids),
          scores: numbersOf(answer.scores),
          keys: numbersOf(answer.keys),
          threshold: answer.threshold, // null if all classes are drawn
          logWeights: numbersOf(answer.logWeights),
          exact: answer.exact,
          scored: answer.scored,
          seed: String(answer.seed),
        }) satisfies SampleTopKAnswer,
    ),
};
