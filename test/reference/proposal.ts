import { MASS_BLOCK } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { expInto } from "./exp.ts";
import { listPositions } from "./filter.ts";
import { approximate, fineTables, keepBest, keyOf, readGroups } from "./fine.ts";
import { log64 } from "./log.ts";
import { prepareQuery } from "./query.ts";
import { endProposal, type Proposal, scoreListed } from "./search.ts";

/** Softmax over the exact scores of the head and the approximate ones of all other classes that take part. */
export interface CodedProposal
  extends Pick<Proposal, "prepared" | "headPositions" | "headScores" | "headMax" | "headSum" | "massShift"> {
  /** (N) by position: e^((approximate score − least of the head) / T), 0 in the head and of excluded classes. */
  readonly codeMasses: Float32Array;
  /** (blocks + 1): mass before each block of MASS_BLOCK positions, then of all. */
  readonly codePrefix: Float64Array;
  readonly tailTotal: number;
  readonly logProposal: number;
}

/** The `rescore` best by approximate score, ties to the lower position, at least one where there is one, and the others. */
export function proposeByCodes(index: DerivedIndex, query: Float32Array, rescore: number): CodedProposal {
  const prepared = prepareQuery(index, query);
  const scores = approximateAll(index, query);
  const candidates = Array.from(listPositions(index, 0, scores.length), (position) => ({
    position,
    key: keyOf(at(scores, position)),
  }));
  const { kept } = keepBest(candidates, Math.max(1, rescore));
  const positions = Int32Array.from(kept, ({ position }) => position);
  const head = scoreListed(index, prepared, positions);
  const floor = positions.reduce((least, position) => Math.min(least, at(scores, position)), Number.POSITIVE_INFINITY);
  const codeMasses = expInto(scores, positions.length > 0 ? floor : 0, index.inverseTemperature).out;
  const isHead = new Set(positions);
  for (let i = 0; i < codeMasses.length; i++) if (isHead.has(i) || index.excluded.has(i)) codeMasses[i] = 0;
  const codePrefix = prefixOf(codeMasses);
  const tailTotal = codePrefix.at(-1) as number;
  const massShift = positions.length > 0 ? floor * index.inverseTemperature : 0;
  const logProposal = endProposal(index, { ...head, tail: { tailTotal }, massShift });
  return { prepared, ...head, codeMasses, codePrefix, tailTotal, massShift, logProposal };
}

/** (N) by position. */
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

/** f64 sums of blocks, each from 0. */
function prefixOf(masses: Float32Array): Float64Array {
  const prefix = new Float64Array(Math.ceil(masses.length / MASS_BLOCK) + 1);
  for (let block = 0; block + 1 < prefix.length; block++) {
    const part = masses.subarray(block * MASS_BLOCK, (block + 1) * MASS_BLOCK);
    prefix[block + 1] = at(prefix, block) + part.reduce((sum, mass) => sum + mass, 0);
  }
  return prefix;
}

/** The class whose part of the masses, laid end to end, holds `target`; rounding past all gives the last with a mass. */
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

/** log of a class's mass in the tail; −∞ in the head, and where it takes no part. */
export function codeLogMass({ codeMasses, massShift }: CodedProposal, position: number): number {
  const mass = at(codeMasses, position);
  return mass > 0 ? log64(mass) + massShift : Number.NEGATIVE_INFINITY;
}
