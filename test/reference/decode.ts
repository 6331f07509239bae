import type { DecodeOptions, DecodeStep } from "../../src/decode/decode-options.ts";

/** The options of a chain. Conditions are in the scores: −∞ for what is filtered out. */
export type ReferenceChain = Pick<DecodeOptions, "temperature" | "topK" | "topP" | "minP" | "order">;

export interface ReferenceLaw {
  /** The classes that are kept, by their ids, in the order of their ranks. */
  readonly ids: readonly number[];
  /** Their probabilities. */
  readonly probabilities: readonly number[];
}

/**
 * The usual chain of decoding in float64 and plain loops: each step looks at the softmax of what the steps before it left.
 * `slack` makes each topP that much larger, in its own units, to see whether rounding could decide where it ends.
 */
export function decodeLaw(scores: ArrayLike<number>, chain: ReferenceChain, slack = 0): ReferenceLaw {
  const { temperature = 1, topK = 0, topP = 1, minP = 0 } = chain;
  const { order = ["temperature", "minP", "topK", "topP"] } = chain;
  const logits = Array.from(scores);
  let ids = Array.from(logits.keys()).filter((id) => logits[id] !== Number.NEGATIVE_INFINITY);
  ids.sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
  if (temperature === 0) return { ids: ids.slice(0, 1), probabilities: [1] };
  const steps: readonly DecodeStep[] = order.includes("temperature") ? order : ["temperature", ...order];
  let inverse = 1;
  for (const step of steps) {
    if (step === "temperature") inverse = Math.fround(1 / temperature);
    if (step === "topK" && topK > 0) ids = ids.slice(0, topK);
    if (step === "minP" && minP > 0) {
      const best = logits[ids[0] as number] as number;
      ids = ids.filter((id) => ((logits[id] as number) - best) * inverse >= Math.log(minP));
    }
    if (step === "topP" && topP < 1) {
      const probabilities = softmax(logits, ids, inverse);
      let before = 0;
      ids = ids.filter((_, i) => {
        const isKept = i === 0 || before < topP + slack;
        before += probabilities[i] as number;
        return isKept;
      });
    }
  }
  return { ids, probabilities: softmax(logits, ids, inverse) };
}

function softmax(logits: readonly number[], ids: readonly number[], inverse: number): number[] {
  const best = logits[ids[0] as number] as number;
  const weights = ids.map((id) => Math.exp(((logits[id] as number) - best) * inverse));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** The total variation between two laws over the same classes. */
export function totalVariation(a: ReferenceLaw, b: ReferenceLaw): number {
  const other = new Map(b.ids.map((id, i) => [id, b.probabilities[i] as number]));
  const common = a.ids.reduce((sum, id, i) => sum + Math.min(a.probabilities[i] as number, other.get(id) ?? 0), 0);
  return Math.max(0, 1 - common);
}
