import { MASS_BLOCK } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { expInto } from "./exp.ts";
import { approximate, EMPTY, fineTables, keepBest, readGroups, scanCodes } from "./fine.ts";
import { listOutliers } from "./head.ts";
import { log64 } from "./log.ts";
import { prepareQuery } from "./query.ts";
import { endProposal, type Proposal, scoreListed } from "./search.ts";

/**
 * A proposal by fine codes (docs/method.md, section 8): the softmax over the exact scores of the head and the
 * approximate scores of all other classes that are not excluded.
 */
export interface CodedProposal
  extends Pick<Proposal, "prepared" | "headPositions" | "headScores" | "headMax" | "headSum" | "massShift"> {
  /** (N) by position: e^((approximate score − smallest of the head) / T), or 0 in the head and for excluded classes. */
  readonly codeMasses: Float32Array;
  /** (blocks + 1): the mass before each block of MASS_BLOCK positions, then the total. */
  readonly codePrefix: Float64Array;
  readonly tailTotal: number;
  readonly logProposal: number;
}

/**
 * Makes the proposal of a query. The head is the outliers and the `rescore` best classes by approximate score, at least one if there is
 * any. Ties go to those that are scanned first.
 */
export function proposeByCodes(index: DerivedIndex, query: Float32Array, rescore: number): CodedProposal {
  const prepared = prepareQuery(index, query);
  const keep = Math.min(Math.max(1, rescore), index.allowedCount - index.allowedOutliers);
  const fine = fineTables(index, prepared);
  let reservoir = EMPTY;
  for (const { first, end, offset } of keep > 0 ? readGroups(index, prepared, fine, Number.POSITIVE_INFINITY) : []) {
    reservoir = scanCodes(index, fine, first, end, offset, reservoir, keep);
  }
  const { kept } = keepBest(reservoir.candidates, keep);
  const coded = Int32Array.from(kept, ({ position }) => position);
  const positions = Int32Array.of(...coded, ...listOutliers(index));
  const head = scoreListed(index, prepared, positions);
  const hasTail = positions.length < index.allowedCount;
  const scores = approximateAll(index, query);
  const floor = hasTail
    ? coded.reduce((least, position) => Math.min(least, at(scores, position)), Number.POSITIVE_INFINITY)
    : 0;
  const codeMasses = expInto(scores, floor, index.inverseTemperature).out;
  const isHead = new Set(positions);
  for (let i = 0; i < codeMasses.length; i++) {
    if (!hasTail || isHead.has(i) || index.excluded.has(i)) codeMasses[i] = 0; // so are outliers, which have no codes
  }
  const codePrefix = prefixOf(codeMasses);
  const tailTotal = codePrefix.at(-1) as number;
  const massShift = floor * index.inverseTemperature;
  const logProposal = endProposal(index, { ...head, tail: { tailTotal }, massShift });
  return { prepared, ...head, codeMasses, codePrefix, tailTotal, massShift, logProposal };
}

/** (N) by position: the approximate scores of all classes. */
export function approximateAll(index: DerivedIndex, query: Float32Array): Float32Array {
  const prepared = prepareQuery(index, query);
  const fine = fineTables(index, prepared);
  const scores = new Float32Array(index.facts.itemCount);
  for (const { first, end, offset } of readGroups(index, prepared, fine, Number.POSITIVE_INFINITY)) {
    for (let position = first; position < end; position++) {
      scores[position] = approximate(index, fine, offset, position);
    }
  }
  return scores;
}

/**
 * The prefix sums of blocks in f64. A block's sum is that of its even positions plus that of its odd ones, each from 0.
 */
function prefixOf(masses: Float32Array): Float64Array {
  const prefix = new Float64Array(Math.ceil(masses.length / MASS_BLOCK) + 1);
  for (let block = 0; block + 1 < prefix.length; block++) {
    const part = masses.subarray(block * MASS_BLOCK, (block + 1) * MASS_BLOCK);
    prefix[block + 1] = at(prefix, block) + (sumOf(part, 0) + sumOf(part, 1));
  }
  return prefix;
}

const sumOf = (masses: Float32Array, parity: number): number =>
  masses.reduce((sum, mass, i) => (i % 2 === parity ? sum + mass : sum), 0);

/**
 * The class into whose part of the masses, laid end to end, `target` falls. A target that rounding leads past all of
 * them gives the last class with a mass.
 */
export function codePositionAt({ codeMasses, codePrefix }: CodedProposal, target: number): number {
  const found = codePrefix.findLastIndex((before, block) => block + 1 < codePrefix.length && before <= target);
  let before = at(codePrefix, found);
  let last = -1;
  for (let i = found * MASS_BLOCK; i < Math.min((found + 1) * MASS_BLOCK, codeMasses.length); i++) {
    if (codeMasses[i] === 0) continue;
    last = i;
    before += at(codeMasses, i);
    if (target < before) break;
  }
  return last;
}

/** The logarithm of a class's mass in the tail, or −∞ in the head and for an excluded class. */
export function codeLogMass({ codeMasses, massShift }: CodedProposal, position: number): number {
  const mass = at(codeMasses, position);
  return mass > 0 ? log64(mass) + massShift : Number.NEGATIVE_INFINITY;
}
