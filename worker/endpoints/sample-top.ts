import { type FieldsOf, sampleTopSchema } from "../contract/requests.ts";
import type { SampleTopAnswer } from "../contract/wire.ts";
import { labelsJson } from "../request/ids.ts";
import { sampleTopWork } from "../request/work.ts";
import type { Question } from "./question.ts";

/** POST /v1/sample-top: k distinct classes, without replacement, with weights for sums over all classes. */
export const sampleTop: Question<FieldsOf<typeof sampleTopSchema>> = {
  path: "/v1/sample-top",
  schema: sampleTopSchema,
  work: (info, { k, scan, exact }) => sampleTopWork(info, k, scan, exact),
  answer: ({ index, queries, options: { k, ...options }, conditions }) =>
    index.sampleTopK(queries, k, { ...options, ...conditions }).map(
      (answer) =>
        ({
          ids: Array.from(answer.ids),
          ...labelsJson(index, answer.ids),
          scores: Array.from(answer.scores),
          keys: Array.from(answer.keys),
          threshold: answer.threshold, // null where all classes are drawn
          logWeights: Array.from(answer.logWeights),
          exact: answer.exact,
          scored: answer.scored,
          seed: String(answer.seed),
        }) satisfies SampleTopAnswer,
    ),
};
