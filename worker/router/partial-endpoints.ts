import { logPartitionOf, predictionOf, topKOf } from "../../src/parts/index.ts";
import type { FieldsOf } from "../contract/requests.ts";
import { logPartitionOfSomeSchema, predictOfSomeSchema } from "../contract/router-requests.ts";
import type { Endpoint, LibraryCall } from "../endpoints/endpoint.ts";
import { estimatedJson } from "../endpoints/estimated.ts";
import { logPartition, predict } from "../endpoints/index.ts";
import { numbersOf } from "../endpoints/numbers.ts";
import { labelsJson } from "../request/ids.ts";
import { isWhole } from "./coverage.ts";
import type { RouterIndex } from "./router-index.ts";

/** Only a router's application has these endpoints. */
const routerOf = ({ index }: Pick<LibraryCall<object>, "index">): RouterIndex => index as RouterIndex;

/** POST /v1/predict. If parts are missing, there is a top k but no probability, since the rest of Z is unknown. */
export const predictOfSome: Endpoint<FieldsOf<typeof predictOfSomeSchema>> = {
  path: predict.path,
  schema: predictOfSomeSchema,
  work: (info, { partial: _, ...options }, conditions) => predict.work(info, options, conditions),
  async answer({ options: { partial: wanted, ...options }, ...call }) {
    if (wanted !== "allow") return predict.answer({ ...call, options });
    const { k, ...effort } = options;
    const all = { ...effort, ...call.conditions };
    return routerOf(call).ofSome("predict", call.queries, all, { size: ["k", k] }, (question, answer, coverage) => {
      const { ids, scores, exact, scored } = topKOf(answer);
      const top = { ids: numbersOf(ids), ...labelsJson(call.index, ids), scores: numbersOf(scores) };
      if (!isWhole(coverage)) return { ...top, exact: false, scored, coverage };
      const prediction = predictionOf(question, answer);
      const probabilities = numbersOf(prediction.probabilities);
      return { ...top, probabilities, exact, ...estimatedJson(prediction), coverage };
    });
  },
};

/** POST /v1/log-partition. If parts are missing, there is only a lower bound. */
export const logPartitionOfSome: Endpoint<FieldsOf<typeof logPartitionOfSomeSchema>> = {
  path: logPartition.path,
  schema: logPartitionOfSomeSchema,
  work: (info, { partial: _, ...options }, conditions) => logPartition.work(info, options, conditions),
  async answer({ options: { partial: wanted, ...options }, ...call }) {
    if (wanted !== "allow") return logPartition.answer({ ...call, options });
    const all = { ...options, ...call.conditions };
    return routerOf(call).ofSome("logPartition", call.queries, all, {}, (question, answer, coverage) => {
      const found = logPartitionOf(question, answer);
      const { lower, upper, scored } = found;
      return isWhole(coverage) ? { lower, upper, ...estimatedJson(found), coverage } : { lower, scored, coverage };
    });
  },
};
