import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { weighed } from "../memory/weighed.ts";
import { proposeBlocks } from "./allowed-blocks.ts";
import { headListsAllowed, proposeAllowed, streamsAllowed } from "./allowed-head.ts";
import { growEnvelope } from "./envelope.ts";
import { BLOCK_ROWS } from "./row-blocks.ts";

/** Times in rows of a full scan: a clock takes 11 ns to read (tokens, 1,024 to 16,384 classes), a row 4 ns to score. */
const COSTS = { headRows: 2.5, scanRows: 4 };

/** A stream of the envelope ends long before this many arrivals, unless the costs of the envelope are wrong. */
const UNLIMITED_ARRIVALS = 2 ** 24;

/** After this many arrivals of the tail's stream, for each key kept and in all, reading every clock is no slower. */
const ARRIVALS_A_KEY = 16;
const LEAST_ARRIVALS = 4096;

export interface KeyedSample {
  /** k classes, or all that are not filtered out where these are fewer: largest key first. */
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  /** Log mass + Gumbel noise of each class. */
  readonly keys: Float64Array;
  /** The key of the next class, which just missed the sample; −∞ if there is none. */
  readonly threshold: number;
  readonly scored: number;
}

/**
 * Draws k classes without replacement from the softmax itself (docs/method.md, 6). The clocks of the head are read one
 * by one. The tail is drawn through its envelope, or read clock by clock where that is cheaper. The choice depends only
 * on the clocks of the head.
 */
export function drawExactKeys(opened: OpenedIndex, k: number, seed: bigint): KeyedSample {
  const { kernels, plan } = opened;
  const keyCount = k + 1;
  // The number of arrivals before the last key kept: the rate of the tail times its time.
  const arrivals = (): number => {
    kernels.clockHead(plan.layout, keyCount, seed);
    if (read(opened, structs.SEARCH_TAIL_TOTAL) === 0) return 0;
    if (read(opened, structs.SEARCH_TOP_COUNT) < keyCount) return Number.POSITIVE_INFINITY;
    const logRate = read(opened, structs.SEARCH_MASS_SHIFT) + kernels.log64(read(opened, structs.SEARCH_TAIL_TOTAL));
    return kernels.exp64(logRate - leastKey(opened));
  };
  if (growEnvelope(opened, arrivals, COSTS)) {
    readRemainingClocks(opened, kernels.clockTail(plan.layout, true, UNLIMITED_ARRIVALS));
  } else {
    // Starts again with a head of the changed classes alone, and reads every clock.
    write(opened, structs.SEARCH_HEAD_BUCKET_COUNT, 0);
    kernels.scoreListed(plan.layout, 0);
    kernels.clockHead(plan.layout, keyCount, seed);
    write(opened, structs.SEARCH_IS_EXACT, 1);
    readRemainingClocks(opened, Number.NEGATIVE_INFINITY);
  }
  return keyedSample(opened, k);
}

/** Draws k classes without replacement from the proposal with the head under `scan`. */
export function drawKeys(opened: OpenedIndex, k: number, scan: number, seed: bigint): KeyedSample {
  const { kernels, plan } = opened;
  const keyCount = k + 1;
  if (streamsAllowed(opened, scan)) return drawKeysOfBlocks(opened, k, seed);
  if (headListsAllowed(opened, scan)) proposeAllowed(opened);
  else weighed(opened).propose(plan.layout, scan, 0);
  kernels.clockHead(plan.layout, keyCount, seed);
  const arrivals = LEAST_ARRIVALS + ARRIVALS_A_KEY * keyCount;
  readRemainingClocks(opened, kernels.clockTail(plan.layout, false, arrivals));
  return keyedSample(opened, k);
}

/** Draws k of all classes that are not filtered out, whose clocks are read in blocks. */
function drawKeysOfBlocks(opened: OpenedIndex, k: number, seed: bigint): KeyedSample {
  const { kernels, plan } = opened;
  write(opened, structs.SEARCH_HEAD_COUNT, 0);
  kernels.clockHead(plan.layout, k + 1, seed);
  proposeBlocks(opened, () => kernels.clockMore(plan.layout));
  write(opened, structs.SEARCH_SCORED, read(opened, structs.SEARCH_HEAD_COUNT));
  kernels.sortKeys(plan.layout);
  return keyedSample(opened, k);
}

/**
 * Reads all clocks from e^logTime on that neither the head nor the stream has read. With logTime = ∞ there are none.
 */
function readRemainingClocks(opened: OpenedIndex, logTime: number): void {
  const { kernels, plan, header } = opened;
  const { itemCount } = header.facts;
  if (logTime < Number.POSITIVE_INFINITY) {
    for (let first = 0; first < itemCount; first += BLOCK_ROWS) {
      const end = Math.min(first + BLOCK_ROWS, itemCount);
      kernels.clockRange(plan.layout, first, end);
    }
  }
  kernels.sortKeys(plan.layout);
}

const leastKey = ({ kernels, plan }: OpenedIndex): number =>
  new Float64Array(kernels.memory.buffer, plan.regions.keys, 1)[0] as number;

function keyedSample(opened: OpenedIndex, k: number): KeyedSample {
  const { kernels, plan } = opened;
  const { buffer } = kernels.memory;
  const found = read(opened, structs.SEARCH_TOP_COUNT);
  const count = Math.min(k, found);
  const keys = new Float64Array(buffer, plan.regions.keys, found);
  return {
    ids: new Int32Array(buffer, plan.regions.topIds, count).slice(),
    scores: new Float32Array(buffer, plan.regions.topScores, count).slice(),
    keys: keys.slice(0, count),
    threshold: found > k ? (keys[k] as number) : Number.NEGATIVE_INFINITY,
    scored: read(opened, structs.SEARCH_SCORED),
  };
}
