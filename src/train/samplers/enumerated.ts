import { copyIds } from "../../index/copied-arguments.ts";
import { checkClasses, checkDraw, checkQuery, readExcluded } from "./classes.ts";
import { memoizeLast } from "./memoize-last.ts";
import type { Sampler } from "./sampler.ts";
import { drawUniforms, type SamplerTools } from "./tools.ts";

/** The mass of every class for one query. */
export interface Weighing {
  /** f64 (N), finite. Masses of excluded classes are ignored. The caller may overwrite the array. */
  readonly masses: Float64Array;
  /** The log of the mass of a class, also where the mass itself underflows to 0. */
  logMass(id: number): number;
}

/** A proposal that can weigh every class. */
export interface EnumeratedProposal {
  readonly name: string;
  readonly itemCount: number;
  readonly dim: number;
  /** Computes the masses for a query. The result is valid until the next call. */
  weigh(query: Float32Array, excludedIds: ReadonlySet<number>): Weighing;
  /** Replaces the rows and biases. */
  update(rows: Float32Array, biases: Float32Array): void;
}

/** Makes a sampler that weighs every class for every query, O(N · dim), and draws by inverting the cumulative masses. */
export function enumeratedSampler({ train, checksum }: SamplerTools, proposed: EnumeratedProposal): Sampler {
  const { name, itemCount, dim, weigh, update } = proposed;
  const sums = new Float64Array(itemCount);

  /** Fills `sums` and returns a function from a class to its log Q. */
  const proposal = memoizeLast((query, excludedIds): ((id: number) => number) => {
    const { masses, logMass } = weigh(query, excludedIds);
    for (const id of excludedIds) masses[id] = 0;
    let sum = 0;
    for (let id = 0; id < itemCount; id++) {
      sum += masses[id] as number;
      sums[id] = sum;
    }
    const logTotal = train.log64(sum);
    return (id) => (excludedIds.has(id) ? Number.NEGATIVE_INFINITY : Math.min(0, logMass(id) - logTotal));
  });

  return {
    name,
    adaptive: true,
    draw(query, count, excluded, seed) {
      checkDraw(query, dim, count, seed);
      const logQ = proposal.get(query, readExcluded(excluded, itemCount));
      const uniform = drawUniforms(checksum, query, seed);
      const ids = new Int32Array(count);
      for (let i = 0; i < count; i++) ids[i] = firstAbove(sums, uniform(i) * (sums[itemCount - 1] as number));
      return { ids, logQ: Float64Array.from(ids, logQ) };
    },
    logQ(query, ids, excluded) {
      checkQuery(query, dim);
      const classIds = copyIds("ids", ids, itemCount);
      return Float64Array.from(classIds, proposal.get(query, readExcluded(excluded, itemCount)));
    },
    refresh(rows, biases) {
      const start = performance.now();
      checkClasses(rows, biases, itemCount, dim);
      proposal.clear();
      update(rows, biases);
      return { kind: "rebuilt", moved: itemCount, seconds: (performance.now() - start) / 1000 };
    },
  };
}

/**
 * Returns the first of ascending sums above `target`. If rounding made the target the last sum, it is the first equal to
 * it.
 */
function firstAbove(sums: Float64Array, target: number): number {
  const last = sums[sums.length - 1] as number;
  const reaches = (sum: number): boolean => sum > target || sum === last;
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reaches(sums[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}
