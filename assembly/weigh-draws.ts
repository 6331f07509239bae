import { exp64 } from "./exp";
import { Layout, Search } from "./layout";
import { log64 } from "./log";
import { headPart } from "./parts";

/**
 * Computes the moments of the draws' weights, x = e^drawLogQ · drawFactors, in units of e^shift, and stores them in
 * headMass … tailLogVariance. A draw with drawFactors 0 has x = 0. Without draws the moments are those of tailMass, which
 * must be set already. This holds for any proposal.
 */
export function weighDraws(layout: usize, count: i32, shift: f64): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  let sum: f64 = 0, squares: f64 = 0, largest: f64 = 0;
  let origin: f64 = 0, deviations: f64 = 0, deviationSquares: f64 = 0; // deviations of log x from that of the first draw, so that nothing cancels
  let met = 0;
  for (let j = 0; j < count; j++) {
    const logX = load<f64>(l.drawLogQ + (<usize>j << 3)), factor = load<f64>(l.drawFactors + (<usize>j << 3));
    if (factor == 0) continue;
    const x = exp64(logX - shift) * factor;
    sum += x;
    squares += x * x;
    largest = max(largest, x);
    const log = logX + log64(factor);
    if (met++ == 0) origin = log;
    deviations += log - origin;
    deviationSquares += (log - origin) * (log - origin);
  }
  s.drawCount = <f64>count;
  s.logShift = shift;
  s.headMass = headPart(l, shift);
  s.tailMean = count > 0 ? sum / <f64>count : s.tailMass;
  s.tailSquareMean = count > 0 ? squares / <f64>count : s.tailMass * s.tailMass;
  s.tailLargest = count > 0 ? largest : s.tailMass;
  const variance = (deviationSquares - deviations * deviations / <f64>met) / <f64>(met - 1);
  s.tailLogVariance = met > 1 ? max<f64>(variance, 0) : 0;
}
