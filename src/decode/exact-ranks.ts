import { scanAll } from "../answers/full-scan.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { largestOf, RowCollector, reaching } from "./all-rows.ts";
import type { Stage } from "./chain.ts";
import { inverseOf, Masses } from "./masses.ts";
import { checkRanked, type Ranked, rankPositions } from "./ranked.ts";

/** The number of steps of score over T in which classes are counted, and their width. Classes below them count as nothing. */
const STEPS = 4096;
const STEP = 2 ** -6;

/** Ranks of the best of all classes. */
export interface ExactRanks {
  readonly ranked: Ranked;
  /** The mass of all classes, in units of the best one's. */
  readonly mass: number;
  readonly scored: number;
}

/** Sums all rows. Returns the mass of all classes in units of the best of classes that are ranked already. */
export function exactMass(opened: OpenedIndex, { scores }: Ranked, { temperature }: Stage): Omit<ExactRanks, "ranked"> {
  const { logPartition, scored } = scanAll(opened, 0);
  return { mass: massOver(opened, logPartition, scores[0] as number, temperature), scored };
}

/**
 * Sums all rows, and ranks at least the classes of the nucleus of a stage. `guess` is a score that these probably reach:
 * the scan then copies few scores. If it is too high, a second scan copies all.
 */
export function exactRanks(opened: OpenedIndex, stage: Stage, guess: number, maxRanked: number): ExactRanks {
  const { value, temperature } = stage;
  const collector = new RowCollector(opened, guess);
  const { logPartition, scored } = scanAll(opened, 0, (count) => collector.take(count));
  const { rows } = collector;
  const top = largestOf(rows.scores);
  const mass = massOver(opened, logPartition, top, temperature);
  const { positions, scores } = reaching(rows, leastOfNucleus(opened, rows.scores, top, stage, mass));
  checkRanked(scores.length, maxRanked);
  const ranked = rankPositions(opened, positions, scores);
  const isWhole = rows.scores.length === opened.conditions.allowedCount;
  const holds = isWhole || new Masses(opened.kernels, ranked.scores, temperature).reaches(value * mass);
  if (holds) return { ranked, mass, scored };
  const again = exactRanks(opened, stage, Number.NEGATIVE_INFINITY, maxRanked);
  return { ...again, scored: scored + again.scored };
}

/** Returns the mass of all classes in units of that of a score. */
const massOver = ({ kernels }: OpenedIndex, logPartition: number, score: number, temperature: number): number =>
  kernels.exp64(logPartition - score * inverseOf(temperature));

/**
 * Returns a score above which the classes have the nucleus's share of `mass`: from the numbers of classes in steps of
 * score, each taken at its lower end. −∞ if all of them have less.
 */
function leastOfNucleus(
  { kernels }: OpenedIndex,
  scores: Float32Array,
  top: number,
  { value, temperature }: Stage,
  mass: number,
): number {
  const counts = new Uint32Array(STEPS);
  const scale = inverseOf(temperature) / STEP;
  for (let i = 0; i < scores.length; i++) {
    const step = Math.floor((top - (scores[i] as number)) * scale);
    if (step < STEPS) counts[step] = (counts[step] as number) + 1;
  }
  let above = 0;
  for (let step = 0; step < STEPS; step++) {
    if (counts[step] === 0) continue;
    above += (counts[step] as number) * kernels.exp64(-(step + 1) * STEP);
    // A step more than is needed holds what rounding moves from one step to the next.
    if (above >= value * mass) return top - (step + 2) / scale;
  }
  return Number.NEGATIVE_INFINITY;
}
