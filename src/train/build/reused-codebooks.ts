import type { IndexFacts } from "../../format/facts.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";

/** Codebooks that were trained before a build, and what has to agree with it. */
export interface ReusedCodebooks {
  readonly facts: Pick<IndexFacts, "dim" | "quantizer" | "bits" | "metric" | "report">;
  readonly quantizer: Quantizer;
  /** f32 (fineCount, 2, 16). Undefined where there are none. */
  readonly fineCodebooks: Float32Array | undefined;
}
