import { DEFAULT_SCAN, DRAW_COSTS, mostGrown } from "../../src/internal.ts";
import type { Mixture } from "../../src/public.ts";
import { MAX_SCAN } from "../contract/limits.ts";
import {
  BOUND,
  type Effort,
  FIND,
  grownRows,
  growthWork,
  headWork,
  NUMBER,
  proposalWork,
  type Sizes,
  scanWork,
} from "./work.ts";

// Upper bounds of the work of calls that draw classes, in the units of work.ts.

/** Weigh a class by its popularity: 5 ns. */
const WEIGH = 16;
/** Read the clock of a class: 30 ns. */
const CLOCK = 96;
/** Handle an arrival of the tail: 140 ns. */
const ARRIVAL = 384;
/** Sum the rest of a bucket, by its logarithm: 130 ns. */
const REST_BUCKET = 320;
/**
 * Sum the rest of a proposal by codes, class by class: 40 ns. Where f32 cannot hold what is left, which is rare, it takes ten times
 * as long.
 */
const REST_CLASS = 96;
/** Replace a draw by one of a mixture, and mix its probabilities: 1 µs. */
const EXPLORE = 2400;
/** Find an exact draw in its block, whose rows are scored again. */
const WALK = 2048;
const BLOCK_ROWS = 1024;

/** Arrivals that distinct draws wait for before they read all clocks. */
const LEAST_ARRIVALS = 4096;
const ARRIVALS_A_KEY = 16;

interface SampleEffort extends Effort {
  readonly scan?: number;
  readonly draws: number;
  readonly mixture?: Mixture;
}

interface SlateEffort extends Effort {
  readonly scan?: number;
}

export function sampleWork(
  sizes: Sizes,
  { draws, proposal, scan = DEFAULT_SCAN, exact, mixture }: SampleEffort,
): number {
  const written = 3 * draws * NUMBER;
  if (exact) return exactDrawWork(sizes, draws) + written;
  return proposalWork(proposal, sizes, scan, draws) + (mixture ? mixtureWork(sizes, draws, mixture) : 0) + written;
}

/** Draw from the softmax itself: heads that grow, then all rows, and once more the rows of the blocks with draws. */
function exactDrawWork(sizes: Sizes, draws: number): number {
  const { itemCount, dim, codewordCount, bucketCount, outlierCount } = sizes;
  const { heads, rows } = mostGrown(itemCount, MAX_SCAN, DRAW_COSTS);
  const tables = heads > 0 ? 2 * codewordCount * dim : 0;
  const grown = heads * ((1 + BOUND) * bucketCount + outlierCount * dim) + rows * dim;
  const again = scanWork({ ...sizes, itemCount: Math.min(itemCount, draws * BLOCK_ROWS) });
  return tables + grown + scanWork(sizes) + again + draws * WALK;
}

/** Count the classes that take part, or weigh them by popularity, and draw: log Q of every draw is computed again. */
function mixtureWork({ itemCount, dim }: Sizes, draws: number, { popularity }: Mixture): number {
  const draw = dim + EXPLORE + (popularity ? WALK : 0);
  return Math.ceil(itemCount / 8) + (popularity ? itemCount * WEIGH : 0) + draws * draw;
}

/** `slateLogProbability` of `classes` classes: the mass of all others is summed by bucket or by class. */
export function slateWork(
  sizes: Sizes,
  { proposal, scan = DEFAULT_SCAN, exact }: SlateEffort,
  classes: number,
): number {
  const { itemCount, dim, bucketCount } = sizes;
  const own = classes * (2 * dim + FIND + NUMBER);
  if (exact) return scanWork(sizes) + own;
  const rest = proposal === "codes" ? itemCount * REST_CLASS : bucketCount * REST_BUCKET;
  return proposalWork(proposal, sizes, scan, 0) + (scan + sizes.outlierCount) * BOUND + rest + own;
}

export function sampleTopKWork(sizes: Sizes, k: number, scan: number | undefined, exact: boolean): number {
  const heads = exact
    ? growthWork(sizes, 0) + grownRows(sizes) * CLOCK
    : headWork(sizes, Math.max(scan ?? DEFAULT_SCAN, k), 0);
  return heads + 4 * k * NUMBER + sizes.itemCount * CLOCK + (LEAST_ARRIVALS + ARRIVALS_A_KEY * (k + 1)) * ARRIVAL;
}
