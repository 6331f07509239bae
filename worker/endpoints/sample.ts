import type { ExactDraws } from "../../src/public.ts";
import { type FieldsOf, sampleSchema } from "../contract/requests.ts";
import type { DrawsAnswer, ExactDrawsAnswer } from "../contract/wire.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { sampleWork } from "../request/draw-work.ts";
import { labelsJson } from "../request/ids.ts";
import type { Endpoint } from "./endpoint.ts";
import { numbersOf } from "./numbers.ts";

/** POST /v1/sample: independent draws with their exact logits and, unless `exact` is true, their log Q. */
export const sample: Endpoint<FieldsOf<typeof sampleSchema>> = {
  path: "/v1/sample",
  schema: sampleSchema,
  work: (info, effort) => sampleWork(info, effort),
  answer: async ({ index, queries, options: { draws, exact, ...options }, conditions }) => {
    const settings = { ...options, ...conditions };
    if (exact) {
      return (await index.sample(queries, draws, { ...settings, exact })).map((answer) => drawsJson(index, answer));
    }
    return (await index.sample(queries, draws, settings)).map(
      (answer) => ({ ...drawsJson(index, answer), logQ: numbersOf(answer.logQ) }) satisfies DrawsAnswer,
    );
  },
};

function drawsJson(index: ServedIndex, { ids, scores, effectiveSampleSize, scored, seed }: ExactDraws) {
  return {
    ids: numbersOf(ids),
    ...labelsJson(index, ids),
    scores: numbersOf(scores),
    effectiveSampleSize,
    scored,
    seed: String(seed),
  } satisfies ExactDrawsAnswer;
}
