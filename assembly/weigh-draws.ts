import { exp64 } from "./exp";
import { Layout, Search } from "./layout";
import { log64 } from "./log";
import { headPart } from "./parts";

/**
 * Computes the moments of the draws' weights, x = e^drawLogQ · drawFactors, in units of e^shift, and stores them in
 * headMass … tailLargest. A draw with drawFactors 0 has x = 0. Without draws the moments are those of tailMass, which must be set
 * already. This holds for any proposal.
 */
export function weighDraws(layout: usize, count: i32, shift: f64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  let sum: f64 = 0, squares: f64 = 0, largest: f64 = 0;
  for (let j = 0; j < count; j++) {
    const factor = load<f64>(l.drawFactors + (<usize>j << 3));
    if (factor == 0) continue;
    const x = exp64(load<f64>(l.drawLogQ + (<usize>j << 3)) - shift) * factor;
    sum += x;
    squares += x * x;
    largest = max(largest, x);
  }
  s.drawCount = <f64>count;
  s.logShift = shift;
  s.headMass = headPart(l, shift);
  s.tailMean = count > 0 ? sum / <f64>count : s.tailMass;
  s.tailSquareMean = count > 0 ? squares / <f64>count : s.tailMass * s.tailMass;
  s.tailLargest = count > 0 ? largest : s.tailMass;
}

/** Returns the sample variance of log x over the draws that weighDraws saw last with x > 0, and 0 of fewer than two. */
export function logVarianceOfDraws(layout: usize): f64 {
  const l = changetype<Layout>(layout);
  const count = <i32>changetype<Search>(l.search).drawCount;
  let met: f64 = 0, origin: f64 = 0, sum: f64 = 0, squares: f64 = 0; // of deviations from the first log x, so that nothing cancels
  for (let j = 0; j < count; j++) {
    const factor = load<f64>(l.drawFactors + (<usize>j << 3));
    if (factor == 0) continue;
    const log = load<f64>(l.drawLogQ + (<usize>j << 3)) + log64(factor);
    if (met == 0) origin = log;
    met++;
    sum += log - origin;
    squares += (log - origin) * (log - origin);
  }
  return met > 1 ? max<f64>((squares - sum * sum / met) / (met - 1), 0) : 0;
}
