import type { MultiIndex } from "../src/index/multi-index.ts";

/** Asks an index for one query or, with `batch`, for several. */
export type Call = (on: MultiIndex, queries: Float32Array, options: object) => unknown;
/** Calls of all kinds, over an index of N classes. */
export const callsOver = (N: number): Readonly<Record<string, Call>> => ({
  "topK exact": (on, z, o) => on.topK(z, 7, { ...o, exact: true }),
  "topK exact, diverse": (on, z, o) => on.topK(z, 5, { ...o, exact: true, diversity: { lambda: 0.5 } }),
  "topK of all": (on, z, o) => on.topK(z, 64, { ...o, exact: true }),
  topK: (on, z, o) => on.topK(z, 7, o),
  "predict exact": (on, z, o) => on.predict(z, 7, { ...o, exact: true, seed: 1 }),
  "predict exact, none": (on, z, o) => on.predict(z, 0, { ...o, exact: true, seed: 1 }),
  "predict auto": (on, z, o) => on.predict(z, 7, { ...o, scan: "auto", targetError: 0.001, seed: 1 }),
  predict: (on, z, o) => on.predict(z, 7, { ...o, seed: 1 }),
  "predict without draws": (on, z, o) => on.predict(z, 7, { ...o, draws: 0, seed: 1 }),
  "predict, diverse": (on, z, o) => on.predict(z, 5, { ...o, seed: 1, diversity: { lambda: 0.5 } }),
  "logPartition exact": (on, z, o) => on.logPartition(z, { ...o, exact: true, seed: 1 }),
  logPartition: (on, z, o) => on.logPartition(z, { ...o, tolerance: 0.01, seed: 1 }),
  "logProbability exact": (on, z, o) => on.logProbability(z, [0, 7, N - 1, 7], { ...o, exact: true, seed: 1 }),
  logProbability: (on, z, o) => on.logProbability(z, [0, 7, N - 1, 7], { ...o, seed: 1 }),
  "sample exact": (on, z, o) => on.sample(z, 9, { ...o, exact: true, seed: 1 }),
  sample: (on, z, o) => on.sample(z, 9, { ...o, seed: 1 }),
  "sampleTopK exact": (on, z, o) => on.sampleTopK(z, 5, { ...o, exact: true, seed: 1 }),
  "slateLogProbability exact": (on, z, o) => on.slateLogProbability(z, [3, 0], { ...o, exact: true }),
  logQ: (on, z, o) => on.logQ(z, [0, 7, N - 1, 7], o),
  "decode untruncated, certain": (on, z, o) => on.decode(z, { ...o, certain: true, topLogProbabilities: 3, seed: 1 }),
  "decode topP, certain": (on, z, o) => on.decode(z, { ...o, topP: 0.8, certain: true, seed: 1 }),
  "decode topP then topK, certain": (on, z, o) =>
    on.decode(z, { ...o, order: ["topP", "topK"], topP: 0.9, topK: 8, certain: true, topLogProbabilities: 2, seed: 1 }),
  "decode minP": (on, z, o) => on.decode(z, { ...o, minP: 0.02, seed: 1 }),
  "decode topP": (on, z, o) => on.decode(z, { ...o, topP: 0.8, seed: 1 }),
});
