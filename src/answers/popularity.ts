import { lastAtMost } from "../memory/last-at-most.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { PopularityMasses } from "../memory/popularity-masses.ts";
import { excludedBits } from "./excluded-bits.ts";

/** A distribution of the classes that are not filtered out, by position. */
export interface Law {
  /** Maps a uniform number in [0, 1) to a class. There must be a class that is not filtered out. */
  readonly positionAt: (uniform: number) => number;
  /** The logarithm of the probability of a class that is not filtered out. */
  readonly logOf: (position: number) => number;
  /** The logarithm of the total mass. Its probabilities are shares of this mass. */
  readonly logMass: number;
}

/** The classes whose masses are summed at once: 8 words of the filter. */
const BLOCK = 256;
const WORDS = BLOCK / 32;
/** The least logarithm that the exponential of f32 has (assembly/exp.ts). No number of draws shows a class of less. */
const LEAST_LOG = -87;

/**
 * Returns the distribution in proportion to e^(power · bias), for `power` in f32. Masses of all classes are kept for the last
 * power, O(N) once. Under a filter, only blocks with a class that is filtered out are summed again.
 */
export function popularityOf(opened: OpenedIndex, power: number): Law {
  const weigh = blockWeigher(opened, power);
  const { tops, sums, massBefore, logTotal } = massesOf(opened, power, weigh);
  const total = massBefore.at(-1) as number;
  return {
    positionAt: (uniform) => {
      const target = uniform * total;
      let block = lastAtMost(massBefore, target);
      while (sums[block] === 0) block--; // rounding may carry a target behind the last mass
      const before = massBefore[block] as number;
      const share = (target - before) / ((massBefore[block + 1] as number) - before);
      return BLOCK * block + placeAt(weigh(block).weights, share * (sums[block] as number));
    },
    logOf: (position) => {
      const top = tops[Math.floor(position / BLOCK)] as number;
      return power * top + weigh.logOfOne(position, top) - logTotal;
    },
    logMass: logTotal,
  };
}

/** Returns the last class with a weight up to which the weights sum to at most `target`. */
function placeAt(weights: Float32Array, target: number): number {
  let place = -1;
  let before = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    if (place >= 0 && before > target) break;
    place = i;
    before += weights[i] as number;
  }
  return place;
}

interface BlockWeights {
  readonly top: number;
  /** e^(power (bias − top)), and 0 for classes that are filtered out. Valid until the next block is weighed. */
  readonly weights: Float32Array;
}

type Weigher = ((block: number, ofAll?: boolean) => BlockWeights) & {
  /** The logarithm of the weight of one class in a block with this largest bias. */
  readonly logOfOne: (position: number, top: number) => number;
};

/** Returns a function that weighs the classes of a block that are not filtered out, or with `ofAll` all of them. */
function blockWeigher(opened: OpenedIndex, power: number): Weigher {
  const { kernels, plan, header } = opened;
  const { buffer } = kernels.memory;
  const { itemCount } = header.facts;
  const address = plan.file + (header.tensors.bias?.begin ?? 0);
  const biases = new Float32Array(buffer, address, itemCount);
  const out = plan.regions.drawLogQ; // no draw uses this buffer now
  const bits = excludedBits(opened);
  const weigh = (block: number, ofAll = false): BlockWeights => {
    const first = BLOCK * block;
    const count = Math.min(BLOCK, itemCount - first);
    const isLeftOut = (i: number): boolean => !ofAll && (((bits[(first + i) >> 5] as number) >> (i & 31)) & 1) === 1;
    let top = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) if (!isLeftOut(i)) top = Math.max(top, biases[first + i] as number);
    kernels.expInto(address + 4 * first, Math.ceil(count / 4) * 4, Math.max(top, -Number.MAX_VALUE), power, out);
    const weights = new Float32Array(buffer, out, count);
    for (let i = 0; i < count; i++) if (isLeftOut(i)) weights[i] = 0;
    return { top, weights };
  };
  const logOfOne = (position: number, top: number): number => {
    const log = power * ((biases[position] as number) - top);
    if (log < LEAST_LOG) return log;
    kernels.expInto(address + 4 * position, 4, top, power, out);
    return kernels.log64(new Float32Array(buffer, out, 1)[0] as number);
  };
  return Object.assign(weigh, { logOfOne });
}

/** Returns the masses of the classes that are not filtered out. */
function massesOf(opened: OpenedIndex, power: number, weigh: Weigher): PopularityMasses {
  const { conditions, header } = opened;
  if (opened.popularity?.power !== power) {
    const blocks = Math.ceil(header.facts.itemCount / BLOCK);
    const [tops, sums] = [new Float32Array(blocks), new Float64Array(blocks)];
    for (let block = 0; block < blocks; block++) putMass(tops, sums, block, weigh(block, true));
    opened.popularity = withPrefixes(opened, power, tops, sums);
  }
  if (conditions.allowedCount === header.facts.itemCount) return opened.popularity;
  const [tops, sums] = [opened.popularity.tops.slice(), opened.popularity.sums.slice()];
  const bits = excludedBits(opened);
  let done = -1;
  for (let word = 0; word < bits.length; word++) {
    const block = Math.floor(word / WORDS);
    if (bits[word] === 0 || block === done) continue;
    putMass(tops, sums, block, weigh(block));
    done = block;
  }
  return withPrefixes(opened, power, tops, sums);
}

function putMass(tops: Float32Array, sums: Float64Array, block: number, { top, weights }: BlockWeights): void {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i] as number;
  tops[block] = top;
  sums[block] = sum;
}

/** Adds the sums of the masses of blocks. */
function withPrefixes(
  { kernels }: OpenedIndex,
  power: number,
  tops: Float32Array,
  sums: Float64Array,
): PopularityMasses {
  const logMasses = new Float64Array(sums.length).fill(Number.NEGATIVE_INFINITY);
  let largest = Number.NEGATIVE_INFINITY;
  for (let block = 0; block < sums.length; block++) {
    const sum = sums[block] as number;
    if (sum > 0) logMasses[block] = power * (tops[block] as number) + kernels.log64(sum);
    largest = Math.max(largest, logMasses[block] as number);
  }
  const massBefore = new Float64Array(sums.length + 1);
  for (let block = 0; block < sums.length; block++) {
    const mass = (sums[block] as number) > 0 ? kernels.exp64((logMasses[block] as number) - largest) : 0;
    massBefore[block + 1] = (massBefore[block] as number) + mass;
  }
  return { power, tops, sums, massBefore, logTotal: largest + kernels.log64(massBefore.at(-1) as number) };
}
