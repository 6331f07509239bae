import type { Prediction, TopK } from "../../answers/answers.ts";
import type { LogQOptions, PredictOptions, TopKOptions } from "../../answers/options.ts";
import type { IndexInfo } from "../../index/info.ts";

/** What an evaluation asks: an index, or several parts that answer as one, which takes promises. */
export interface EvaluatedIndex {
  readonly info: Pick<IndexInfo, "itemCount" | "dim" | "hasBias" | "hasFineCodes">;
  topK(query: Float32Array, k: number, options: TopKOptions): TopK | Promise<TopK>;
  predict(query: Float32Array, k: number, options: PredictOptions): Prediction | Promise<Prediction>;
  score(query: Float32Array, ids: Int32Array): Float32Array | Promise<Float32Array>;
  logQ(query: Float32Array, ids: Int32Array, options: LogQOptions): Float32Array | Promise<Float32Array>;
}
