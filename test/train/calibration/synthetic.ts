import type { MeasuredAnswers } from "../../../src/train/calibration/measured-answers.ts";

/** A stream of numbers in (0, 1), the same for the same seed (mulberry32). */
export function uniformsFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

export function normalsFrom(seed: number): () => number {
  const uniform = uniformsFrom(seed);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

export interface SyntheticAnswer {
  readonly error: number;
  readonly bar: number;
  readonly modelError: number;
}

/** Makes answers of `queryCount` queries in `cellCount` cells each. */
export function syntheticAnswers(
  queryCount: number,
  cellCount: number,
  answerOf: (query: number, cell: number) => SyntheticAnswer,
): MeasuredAnswers {
  const count = queryCount * cellCount;
  const queries = Int32Array.from({ length: count }, (_, i) => Math.floor(i / cellCount));
  const cells = Int32Array.from({ length: count }, (_, i) => i % cellCount);
  const answers = Array.from(queries, (query, i) => answerOf(query, cells[i] as number));
  return {
    ...{ queries, cells, temperatures: cells.map((cell) => cell % 4) },
    errors: Float64Array.from(answers, ({ error }) => error),
    bars: Float64Array.from(answers, ({ bar }) => bar),
    modelErrors: Float64Array.from(answers, ({ modelError }) => modelError),
  };
}
