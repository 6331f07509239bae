import type { LossInput } from "../../src/train/loss/loss-input.ts";
import { logSumExp } from "../statistics/enumeration.ts";

/** Computes the loss of one example in f64 by its formula, with `moved` in place of the argument `given`. */
export function lossByFormula(input: LossInput, given?: Float32Array, moved?: Float64Array): number {
  const { positives, sampled } = input;
  const read = (values: Float32Array): ArrayLike<number> => (values === given ? (moved as Float64Array) : values);
  const query = Array.from(read(input.query));
  const logits = ({ rows, biases }: { rows: Float32Array; biases: Float32Array }): number[] =>
    Array.from(read(biases), (bias, i) =>
      query.reduce((sum, value, d) => sum + value * (read(rows)[i * query.length + d] as number), bias),
    );
  const [ofPositives, ofDraws] = [logits(positives), logits(sampled)];
  const corrected = ofDraws.map((logit, j) => logit - (sampled.logQ[j] as number));
  if (input.form === "A") {
    const { logQ } = input.positives;
    return mean(
      ofPositives.map((logit, p) => logit - (logQ[p] as number)).map((x) => logSumExp([x, ...corrected]) - x),
    );
  }
  const logCount = Math.log(corrected.length);
  return logSumExp([...ofPositives, ...corrected.map((x) => x - logCount)]) - mean(ofPositives);
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
