import type { Prediction, TopK } from "../../answers/answers.ts";
import type { LogQOptions, PredictOptions, TopKOptions } from "../../answers/options.ts";
import type { IndexInfo } from "../../index/info.ts";

/** The calls of an evaluation: those of an index, or of several parts that answer as one with promises. */
export interface EvaluatedIndex {
  readonly info: Pick<IndexInfo, "itemCount" | "dim" | "hasBias" | "hasFineCodes" | "hasResiduals">;
  topK(query: Float32Array, k: number, options: TopKOptions): TopK | Promise<TopK>;
  predict(query: Float32Array, k: number, options: PredictOptions): Prediction | Promise<Prediction>;
  score(query: Float32Array, ids: Int32Array): Float32Array | Promise<Float32Array>;
  logQ(query: Float32Array, ids: Int32Array, options: LogQOptions): Float32Array | Promise<Float32Array>;
}
