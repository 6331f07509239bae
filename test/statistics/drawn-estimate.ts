import { headOf, type Open } from "../fixtures/open.ts";
import type { StoredIndex } from "../fixtures/stored-index.ts";
import { type Enumeration, inHead, logSumExp } from "./enumeration.ts";

export const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
export const meanOf = (values: ArrayLike<number>): number => sum(values) / values.length;
export const varianceOf = (values: ArrayLike<number>): number => {
  const mean = meanOf(values);
  return sum(Array.from(values, (value) => (value - mean) ** 2)) / (values.length - 1);
};

/** Z_H, S_T, the tail's classes with their Q, and the variance of e^t over them, all as parts of Z. */
export function split(e: Enumeration, head: ReadonlySet<number>) {
  const logZ = logSumExp(e.scores);
  const ids = [...e.scores.keys()];
  const tail = ids.filter((id) => !inHead(e, head, id));
  const headScores = ids.filter((id) => inHead(e, head, id)).map((id) => e.scores[id] as number);
  const headMass = Math.exp(logSumExp(headScores) - logZ);
  const tailMass = sum(tail.map((id) => Math.exp((e.logMasses[id] as number) - logZ)));
  const weights = tail.map((id) => Math.exp((e.scores[id] as number) - (e.logMasses[id] as number)));
  const probabilities = tail.map((id) => Math.exp((e.logMasses[id] as number) - logZ) / tailMass);
  const mean = sum(weights.map((weight, i) => weight * (probabilities[i] as number)));
  const variance = sum(weights.map((weight, i) => (weight - mean) ** 2 * (probabilities[i] as number)));
  return { logZ, headScores, headMass, tailMass, variance };
}

/** What the last call should have estimated at temperature 1 from the `draws` classes that it drew. */
export function estimateOfDraws(one: Open, stored: StoredIndex, e: Enumeration, draws: number) {
  const { kernels, plan } = one.opened;
  const head = headOf(one);
  const parts = split(e, head);
  const { logZ, headMass, tailMass } = parts;
  const positions = new Int32Array(kernels.memory.buffer, plan.regions.drawPositions, draws);
  const weights = Array.from(positions, (p) => stored.ids[p] as number).map((id) =>
    Math.exp((e.scores[id] as number) - (e.logMasses[id] as number)),
  );
  const squareMean = meanOf(weights.map((weight) => weight ** 2));
  const estimate = headMass + tailMass * meanOf(weights);
  return {
    ...parts,
    head,
    weights,
    estimate,
    estimated: logZ + Math.log(estimate),
    /** The number of different classes that were drawn: equal ones are neighbours. */
    met: positions.filter((position, j) => position !== positions[j - 1]).length,
    effectiveSampleSize: (draws * estimate ** 2) / ((headMass + tailMass) * (headMass + tailMass * squareMean)),
  };
}
