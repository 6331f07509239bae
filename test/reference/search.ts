import { PURPOSE_TAIL } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { exp64, expInto } from "./exp.ts";
import { type Head, headPositions, LOG_FLOOR, MASS_FLOOR, selectHead } from "./head.ts";
import { log64, logFloor } from "./log.ts";
import type { MassUnits, SubScores, Tail } from "./mass-units.ts";
import { bucketLogMasses, bucketMasses, massesFromLogs, SMALLEST_MAXIMUM, subScores } from "./masses.ts";
import { type PreparedQuery, prepareQuery } from "./query.ts";
import { philox } from "./random.ts";
import { positionsOf } from "./reference-index.ts";
import { scorePositions } from "./score.ts";
import { groupAt, positionAmong, positionIn, shareWidth, slotIn, sumTail, unitsBeside } from "./tail.ts";
import { tailSpread } from "./tilt.ts";
import { type Scored, topPush } from "./topk.ts";
import { ALL_SHARES } from "./weights.ts";

/**
 * The proposal with head (docs/method.md, section 3): the softmax over the exact scores of the head and the quantised
 * scores of the tail, S' = Z_H + S_T.
 */
export interface Proposal extends Head, SubScores, MassUnits {
  readonly prepared: PreparedQuery;
  readonly tail: Tail;
  readonly headPositions: Int32Array;
  /** Not divided by the temperature; headMax is not either. */
  readonly headScores: Float32Array;
  /** The largest score of the head, or −∞ without a head. */
  readonly headMax: number;
  /** Z_H in units of e^(headMax / T). */
  readonly headSum: number;
  /** log S'. */
  readonly logProposal: number;
  /** The positions of the classes that entered the head by their codes, though their buckets are in the tail. Default: none. */
  readonly coded?: ReadonlySet<number>;
}

/**
 * Makes the proposal with the head under `scan`, of at least k classes. Head and tail are each taken from logarithms if
 * the factors of the masses cannot tell buckets apart: no bucket is near the factors' bound, the head falls short of k,
 * or only the smallest masses are left.
 */
export function propose(index: DerivedIndex, query: Float32Array, scan: number, k: number): Proposal {
  const chosen = proposeTail(index, query, scan, k);
  const scored = { ...chosen, ...scoreHead(index, chosen.prepared, chosen) };
  return { ...scored, logProposal: endProposal(index, scored) };
}

/** The proposal without the scores of its head. */
export type UnscoredProposal = Omit<Proposal, keyof ScoredHead | "logProposal">;

/** Chooses the head and sums the tail. */
export function proposeTail(index: DerivedIndex, query: Float32Array, scan: number, k: number): UnscoredProposal {
  const prepared = prepareQuery(index, query);
  const scores = subScores(index, prepared);
  const direct = bucketMasses(index, scores);
  const byLogs = bucketLogMasses(index, scores);
  const directHead = selectHead(index, direct.slotKeys, MASS_FLOOR, scan, k);
  const hasHead = direct.enough && directHead.headCount >= Math.min(k, index.allowedCount);
  const head = hasHead ? directHead : selectHead(index, byLogs.slotKeys, LOG_FLOOR, scan, k);
  const directTail = sumTail(index, direct.slotMasses, head.headSlots);
  const isDirect = hasHead && (directTail.tailTotal >= SMALLEST_MAXIMUM || head.headCount === index.allowedCount);
  const { slotMasses, massShift, path, tiltPath } = isDirect
    ? direct
    : massesFromLogs(index, byLogs.slotLogMasses, head.headSlots);
  const tail = isDirect ? directTail : sumTail(index, slotMasses, head.headSlots);
  const { groupShift, secondShift } = direct;
  const units = { path, tiltPath, groupShift, secondShift };
  return { ...scores, ...head, ...units, tail, massShift, prepared };
}

/** log S' of a head and a tail. */
export function endProposal(index: DerivedIndex, parts: Parts): number {
  const shift = proposalShift(index, parts);
  return shift + log64(headPart(index, parts, shift) + tailPart(parts, shift));
}

type ScoredHead = Pick<Proposal, "headPositions" | "headScores" | "headMax" | "headSum">;

/** Scores the head's classes exactly, with their maximum and Z_H. */
export const scoreHead = (index: DerivedIndex, prepared: PreparedQuery, { headBuckets }: Head): ScoredHead =>
  scoreListed(index, prepared, headPositions(index, headBuckets));

/** Like scoreHead, for a head whose positions are listed. */
export function scoreListed(index: DerivedIndex, prepared: PreparedQuery, positions: Int32Array): ScoredHead {
  return { headPositions: positions, ...sumScored(index, scorePositions(index, prepared, positions)) };
}

/** The same when `added` are added to the scores. */
export function addScored(
  index: DerivedIndex,
  { headScores, headMax, headSum }: Omit<ScoredHead, "headPositions">,
  added: Float32Array,
): Omit<ScoredHead, "headPositions"> {
  const all = Float32Array.of(...headScores, ...added);
  if (headScores.length === 0 || added.some((score) => score > headMax)) return sumScored(index, all);
  return { headScores: all, headMax, headSum: headSum + sumExp(added, headMax, index.inverseTemperature) };
}

/** The maximum and Z_H of a head with these scores. */
export function sumScored(index: DerivedIndex, headScores: Float32Array): Omit<ScoredHead, "headPositions"> {
  const headMax = headScores.reduce((top, score) => Math.max(top, score), Number.NEGATIVE_INFINITY);
  return { headScores, headMax, headSum: sumExp(headScores, headMax, index.inverseTemperature) };
}

const SUM_BLOCK = 256;

/** Σ e^((value − shift) · scale): in f32 by lane within blocks of 256, in f64 across blocks. */
export function sumExp(values: Float32Array, shift: number, scale: number): number {
  let total = 0;
  for (let i = 0; i < values.length; i += SUM_BLOCK) {
    total += expInto(values.subarray(i, i + SUM_BLOCK), shift, scale).sum;
  }
  return total;
}

interface Parts extends Pick<Proposal, "massShift" | "headMax" | "headSum"> {
  readonly tail: Pick<Tail, "tailTotal">;
}

/** The logarithm of the unit of headSum. */
export const headShift = ({ inverseTemperature }: DerivedIndex, { headMax }: Parts): number =>
  headMax * inverseTemperature;

/** A shift at which neither part of S' overflows. */
export const proposalShift = (index: DerivedIndex, parts: Parts): number =>
  parts.tail.tailTotal > 0 ? Math.max(headShift(index, parts), parts.massShift) : headShift(index, parts);

/** Z_H e^−shift. */
export const headPart = (index: DerivedIndex, parts: Parts, shift: number): number =>
  parts.headSum > 0 ? parts.headSum * exp64(headShift(index, parts) - shift) : 0;

/** S_T e^−shift. */
export const tailPart = ({ tail, massShift }: Parts, shift: number): number =>
  tail.tailTotal > 0 ? tail.tailTotal * exp64(massShift - shift) : 0;

const MASK_32 = 0xffffffffn;

/**
 * The random words of draw j. The counter is (hash of the query, purpose, j), and `uniform` is in [0, 1) with 53 bits.
 */
export function randomOfDraw(
  seed: bigint,
  { queryHash }: PreparedQuery,
  purpose: number,
  draw: number,
): { uniform: number; word: number } {
  const key = Uint32Array.of(Number(seed & MASK_32), Number(seed >> 32n));
  const counter = Uint32Array.of(Number(queryHash & MASK_32), Number(queryHash >> 32n), purpose, draw);
  const words = philox(key, counter);
  const bits = (BigInt(at(words, 1)) << 32n) | BigInt(at(words, 0));
  return { uniform: Number(bits >> 11n) * 2 ** -53, word: at(words, 2) };
}

/** The moments of the tail's draws (docs/method.md, section 4). */
export interface TailEstimate {
  readonly drawPositions: Int32Array;
  readonly drawScores: Float32Array;
  /** log x − log `factors` of each draw, where x = e^(score / T) / Q_tail and Q_tail = the class's mass / S_T. */
  readonly logX: Float64Array;
  /** 1 / the class's share of its bucket. */
  readonly factors: Float64Array;
  readonly drawCount: number;
  /**
   * The logarithm of the unit of headMass, tailMass, tailMean and tailLargest. tailSquareMean is in units of its
   * square.
   */
  readonly logShift: number;
  readonly headMass: number;
  readonly tailMass: number;
  /** The mean of x over the draws, which is unbiased for the tail's part of Z. Without draws, the tail's mass. */
  readonly tailMean: number;
  readonly tailSquareMean: number;
  /** The largest x. */
  readonly tailLargest: number;
  /**
   * The logarithm of the mean of x² over the squared mean of x that the dispersions lead one to expect; 0 without draws.
   */
  readonly tailLogSpread: number;
}

/**
 * Stratified draws from the tail: draw j takes the bucket at ((j + U_j) / draws) S_T, and its class by share.
 */
export function estimateTail(index: DerivedIndex, proposal: Proposal, draws: number, seed: bigint): TailEstimate {
  const { tail } = proposal;
  const drawCount = tail.tailTotal > 0 ? draws : 0;
  const stratum = tail.tailTotal / drawCount;
  const chosen = Array.from({ length: drawCount }, (_, j) => {
    const { uniform, word } = randomOfDraw(seed, proposal.prepared, PURPOSE_TAIL, j);
    return drawFromTail(index, proposal, (j + uniform) * stratum, word);
  });
  const drawPositions = Int32Array.from(chosen, ({ position }) => position);
  const drawScores = scorePositions(index, proposal.prepared, drawPositions);
  const logX = Float64Array.from(drawScores, (score) => score * index.inverseTemperature);
  const factors = Float64Array.from(chosen, ({ bucket, position }) => {
    const units = shareWidth(index.shares, position, positionsOf(index, bucket).end);
    return bucketFactor(index, tail, bucket) * (unitsBeside(index, bucket, proposal.coded ?? new Set()) / units);
  });
  const counted = logX.map((logit, j) => logit + logFloor(at(factors, j)));
  const logShift = drawCount > 0 ? Math.max(headShift(index, proposal), ...counted) : proposalShift(index, proposal);
  return {
    drawPositions,
    drawScores,
    logX,
    factors,
    logShift,
    headMass: headPart(index, proposal, logShift),
    tailLogSpread: drawCount > 0 ? tailSpread(index, proposal) : 0,
    ...weighDraws(logX, factors, logShift, tailPart(proposal, logShift)),
  };
}

/** The inverse of the probability that a draw from the tail takes the bucket. */
export const bucketFactor = (index: DerivedIndex, { tailTotal, slotMasses }: Tail, bucket: number): number =>
  tailTotal / at(slotMasses, at(index.slots.bucketSlots, bucket));

/** The moments of the weights e^logX · factor, in units of e^logShift. Without draws they are those of the tail's mass. */
export function weighDraws(logX: Float64Array, factors: Float64Array, logShift: number, tailMass: number) {
  const drawCount = logX.length;
  const x = logX.map((value, j) => (at(factors, j) === 0 ? 0 : exp64(value - logShift) * at(factors, j)));
  return {
    drawCount,
    tailMass,
    tailMean: drawCount > 0 ? x.reduce((sum, value) => sum + value, 0) / drawCount : tailMass,
    tailSquareMean: drawCount > 0 ? x.reduce((sum, value) => sum + value * value, 0) / drawCount : tailMass * tailMass,
    tailLargest: drawCount > 0 ? Math.max(...x) : tailMass,
  };
}

/** The sample variance of log (e^logX · factor) over the draws with a factor; 0 for fewer than two. */
export function logVarianceOfDraws(logX: Float64Array, factors: Float64Array): number {
  const logs = logX.map((value, j) => value + log64(at(factors, j))).filter((_, j) => at(factors, j) > 0);
  const met = logs.length;
  const deviations = logs.map((log) => log - at(logs, 0));
  const deviation = deviations.reduce((sum, value) => sum + value, 0);
  const squares = deviations.reduce((sum, value) => sum + value * value, 0);
  return met > 1 ? Math.max((squares - (deviation * deviation) / met) / (met - 1), 0) : 0;
}

/**
 * The class at `target`, in [0, tailTotal), when the tail's buckets are laid end to end. `word` chooses the class
 * within the bucket.
 */
export function drawFromTail(
  index: DerivedIndex,
  { tail, coded = new Set() }: Proposal,
  target: number,
  word: number,
): { bucket: number; position: number } {
  const { slot } = slotIn(index, tail, groupAt(tail, target), target);
  const bucket = at(index.slots.slotBuckets, slot);
  const units = unitsBeside(index, bucket, coded);
  if (units === ALL_SHARES) return { bucket, position: positionIn(index, bucket, word) };
  return { bucket, position: positionAmong(index, bucket, word, units, (position) => !coded.has(position)) };
}

/** Sampled top-k: the k best classes of the head, and the moments that estimate Z. */
export function predict(
  index: DerivedIndex,
  query: Float32Array,
  k: number,
  scan: number,
  draws: number,
  seed: bigint,
): { proposal: Proposal; top: Scored[]; estimate: TailEstimate; scored: number } {
  const proposal = propose(index, query, scan, k);
  const entries = Array.from(proposal.headPositions, (position, i) => ({
    id: at(index.ids, position),
    score: at(proposal.headScores, i),
  }));
  const estimate = estimateTail(index, proposal, draws, seed);
  return { proposal, top: topPush([], entries, k), estimate, scored: proposal.headCount + estimate.drawCount };
}
