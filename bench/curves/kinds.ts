import type { SamplerOptions } from "../../src/train/samplers/create.ts";

/** A sampler as the curves show it. */
export interface SamplerKind {
  readonly name: string;
  readonly options: SamplerOptions;
  /** The number of queries that its codewords are fitted to. It is measured with other ones. Default: none. */
  readonly fitted?: number;
  readonly colour: string;
  /**
   * Above this number of classes it is left out, because it looks at every class for every query. Default: no limit.
   */
  readonly mostClasses?: number;
}

/** The largest number of draws of one call. */
export const MOST_DRAWS = 100_000;

const ENUMERATED = 100_000;

/** The samplers, in the order of tables and legends. To add one, add a line here. */
export const KINDS: readonly SamplerKind[] = [
  { name: "uniform", options: { kind: "uniform" }, colour: "#737373" },
  { name: "log-uniform", options: { kind: "log-uniform" }, colour: "#a16207" },
  { name: "unigram", options: { kind: "unigram" }, colour: "#d97706" },
  { name: "lsh", options: { kind: "lsh" }, colour: "#c026d3", mostClasses: ENUMERATED },
  { name: "quadratic", options: { kind: "quadratic" }, colour: "#dc2626", mostClasses: ENUMERATED },
  { name: "fourier", options: { kind: "fourier" }, colour: "#ea580c", mostClasses: ENUMERATED },
  { name: "midx, pq", options: { kind: "midx", quantizer: "pq", maxDraws: MOST_DRAWS }, colour: "#0d9488" },
  { name: "midx, rq", options: { kind: "midx", maxDraws: MOST_DRAWS }, colour: "#2563eb" },
  { name: "midx, fitted", options: { kind: "midx", maxDraws: MOST_DRAWS }, fitted: 256, colour: "#16a34a" },
  { name: "midx, head of 256", options: { kind: "midx", scan: 256, maxDraws: MOST_DRAWS }, colour: "#1e3a8a" },
  { name: "full", options: { kind: "full" }, colour: "#111111", mostClasses: ENUMERATED },
];
