import { copyIds } from "../../index/copied-arguments.ts";
import { fillWith } from "../arithmetic/fill-with.ts";
import { aliasTable } from "./alias-table.ts";
import { checkClasses, checkDraw, checkQuery, readExcluded } from "./classes.ts";
import type { SampledClasses, Sampler } from "./sampler.ts";
import { drawUniforms, type SamplerTools } from "./tools.ts";

/** Number of draws from the alias table before a class is drawn by inversion. */
const TRIES = 15;

/** If less than this share of the total is left, the difference is imprecise and the rest is summed instead. */
const LITTLE = 2 ** -10;

/**
 * A sampler with fixed probabilities ∝ masses (N), independent of the query. Where the alias table gives an excluded class,
 * it is tried again. After TRIES attempts the class is drawn by inversion over the classes that are left. Both ways draw
 * from the same distribution, so log Q is exact and the time is bounded.
 */
export function fixedSampler(
  { train, checksum }: SamplerTools,
  name: string,
  dim: number,
  masses: Float64Array,
): Sampler {
  const itemCount = masses.length;
  const fromTable = aliasTable(masses);
  const logMasses = fillWith(new Float64Array(itemCount), (id) => train.log64(masses[id] as number));
  const total = leftOf(masses, new Set());

  const logLeft = (excludedIds: ReadonlySet<number>): number => {
    let rest = total;
    for (const id of excludedIds) rest -= masses[id] as number;
    return train.log64(rest > total * LITTLE ? rest : leftOf(masses, excludedIds));
  };

  const logOfTotal = logLeft(new Set());
  /** log Q of every class where none is excluded. */
  const logQOfAll = logMasses.map((log) => Math.min(0, log - logOfTotal));

  /** A loop over typed arrays takes a third of the time of `Float64Array.from` with a function. */
  const logQOf = (ids: Int32Array, excludedIds: ReadonlySet<number>): Float64Array => {
    const logQ = new Float64Array(ids.length);
    if (excludedIds.size === 0) {
      for (let i = 0; i < ids.length; i++) logQ[i] = logQOfAll[ids[i] as number] as number;
      return logQ;
    }
    const left = logLeft(excludedIds);
    for (const [i, id] of ids.entries()) {
      logQ[i] = excludedIds.has(id) ? Number.NEGATIVE_INFINITY : Math.min(0, (logMasses[id] as number) - left);
    }
    return logQ;
  };

  const drawOne = (uniform: (index: number) => number, first: number, excludedIds: ReadonlySet<number>): number => {
    for (let index = first; index < first + 2 * TRIES; index += 2) {
      const id = fromTable(uniform(index), uniform(index + 1));
      if (!excludedIds.has(id)) return id;
    }
    return invert(masses, excludedIds, uniform(first + 2 * TRIES));
  };

  return {
    name,
    adaptive: false,
    draw(query, count, excluded, seed): SampledClasses {
      checkDraw(query, dim, count, seed);
      const excludedIds = readExcluded(excluded, itemCount);
      const uniform = drawUniforms(checksum, query, seed);
      const ids = new Int32Array(count);
      for (let i = 0; i < count; i++) ids[i] = drawOne(uniform, 2 * (TRIES + 1) * i, excludedIds);
      return { ids, logQ: logQOf(ids, excludedIds) };
    },
    logQ(query, ids, excluded) {
      checkQuery(query, dim);
      return logQOf(copyIds("ids", ids, itemCount), readExcluded(excluded, itemCount));
    },
    refresh(rows, biases) {
      checkClasses(rows, biases, itemCount, dim);
      return { kind: "none", moved: 0, seconds: 0 };
    },
  };
}

function leftOf(masses: Float64Array, excludedIds: ReadonlySet<number>): number {
  let sum = 0;
  for (let id = 0; id < masses.length; id++) if (!excludedIds.has(id)) sum += masses[id] as number;
  return sum;
}

function invert(masses: Float64Array, excludedIds: ReadonlySet<number>, uniform: number): number {
  let target = uniform * leftOf(masses, excludedIds);
  let drawn = -1;
  for (let id = 0; id < masses.length; id++) {
    if (excludedIds.has(id) || !((masses[id] as number) > 0)) continue;
    drawn = id;
    target -= masses[id] as number;
    if (target < 0) break;
  }
  return drawn;
}
