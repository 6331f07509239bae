import type { EncoderFacts } from "../format/encoder-facts.ts";
import { padded } from "../format/encoder-weights.ts";
import { attention } from "./attention.ts";
import { withoutPadding } from "./padding.ts";
import { recurrent } from "./recurrent.ts";
import type { Stateful } from "./stateful.ts";
import type { WeightOf } from "./weights.ts";

/** Makes the encoder that facts describe, of vectors of `dim` values, in an instance of its own. */
export function statefulOf(module: WebAssembly.Module, facts: EncoderFacts, dim: number, weightOf: WeightOf): Stateful {
  const width = padded(dim);
  if (facts.kind === "attention") {
    return withoutPadding(attention(module, facts, { width, filled: dim }, weightOf), dim);
  }
  const sizes = { units: padded(facts.units), dim: width, hasProjection: facts.units !== dim };
  return withoutPadding(recurrent(module, sizes, weightOf), dim);
}
