import type { EncoderFacts } from "../format/encoder.ts";
import { attention } from "./attention.ts";
import { recurrent } from "./recurrent.ts";
import type { Stateful } from "./stateful.ts";
import type { WeightOf } from "./weights.ts";

/** Makes the encoder that facts describe, in an instance of its own. */
export const statefulOf = (
  module: WebAssembly.Module,
  facts: EncoderFacts,
  dim: number,
  weightOf: WeightOf,
): Stateful =>
  facts.kind === "gru" ? recurrent(module, facts.units, dim, weightOf) : attention(module, facts, dim, weightOf);
