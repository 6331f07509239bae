import type { Functions } from "../answers/functions.ts";
import type { Stage } from "./chain.ts";
import { inverseOf, Masses } from "./masses.ts";
import type { Ranked } from "./ranked.ts";

/** Ranked classes with what truncations ask of them. Every truncation keeps the first ones, and so does a chain of them. */
export class TruncatedRanks {
  readonly ranked: Ranked;
  private readonly functions: Functions;
  private readonly masses = new Map<number, Masses>();

  constructor(functions: Functions, ranked: Ranked) {
    this.functions = functions;
    this.ranked = ranked;
  }

  /** Returns the masses of the classes at a temperature. */
  at(temperature: number): Masses {
    const known = this.masses.get(temperature);
    if (known) return known;
    const masses = new Masses(this.functions, this.ranked.scores, temperature);
    this.masses.set(temperature, masses);
    return masses;
  }

  /**
   * Returns the number of classes that the stages keep. `mass` is that of all classes of the index, in units of the best, for
   * topP as the first stage. Where the classes do not reach topP of it, all of them are kept.
   */
  keptBy(stages: readonly Stage[], mass: number): number {
    let kept = this.ranked.scores.length;
    for (const [i, { by, value, temperature }] of stages.entries()) {
      if (by === "topK") kept = Math.min(kept, value);
      else if (by === "minP") kept = this.countReaching(kept, inverseOf(temperature), this.functions.log64(value));
      else {
        const masses = this.at(temperature);
        kept = masses.countTo(value * (i === 0 ? mass : masses.of(kept)), kept);
      }
    }
    return kept;
  }

  /** Returns how many of the first `kept` classes have a log-probability of at least `logShare` relative to the best. */
  private countReaching(kept: number, inverse: number, logShare: number): number {
    const { scores } = this.ranked;
    const top = scores[0] as number;
    let [reaching, end] = [0, kept];
    while (reaching < end) {
      const middle = (reaching + end) >> 1;
      if (((scores[middle] as number) - top) * inverse >= logShare) reaching = middle + 1;
      else end = middle;
    }
    return reaching;
  }
}
