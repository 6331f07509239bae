import type { Moments } from "../../src/answers/moments.ts";
import { meanOf, varianceOf } from "./drawn-estimate.ts";

/** The moments of draws with these weights x, with a head and a proposed tail of these masses. */
export function momentsOfWeights(x: readonly number[], headMass: number, tailMass = meanOf(x)): Moments {
  return {
    headMass,
    tailMass,
    tailMean: meanOf(x),
    tailSquareMean: meanOf(x.map((value) => value * value)),
    tailLargest: Math.max(...x),
    tailLogVariance: x.length > 1 ? varianceOf(x.map(Math.log)) : 0,
    logTail: Math.log(tailMass),
    rounding: 0,
    tailLogSpread: 0,
    isExtended: false,
    logShift: 0,
    drawCount: x.length,
    distinctCount: x.length,
    tailCount: x.length,
  };
}

export const FUNCTIONS = { exp64: Math.exp, log64: Math.log };
