import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { growEnvelope } from "./envelope.ts";
import { BLOCK_ROWS } from "./full-scan.ts";

/** A clock takes 11 ns to read (tokens, 1,024 to 16,384 classes), a row 4 to score. */
const COSTS = { headRows: 2.5, scanRows: 4 };

/** Arrivals after which a stream without a cheap way out is a mistake of the envelope's costs. */
const UNLIMITED_ARRIVALS = 2 ** 24;

/** Arrivals of the tail's stream, a key kept and in all, after which reading every clock is no slower. */
const ARRIVALS_A_KEY = 16;
const LEAST_ARRIVALS = 4096;

export interface KeyedSample {
  /** k classes, or all that take part: largest key first. */
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  /** log mass + Gumbel noise. */
  readonly keys: Float64Array;
  /** The next key, of the class that just missed; −∞ where none did. */
  readonly threshold: number;
  readonly scored: number;
}

/**
 * k classes without replacement (docs/method.md, 6), from the softmax itself: heads are read clock by clock, the tail
 * through its envelope, or clock by clock too where that is cheaper. Only the head's clocks have a say in which.
 */
export function drawExactKeys(opened: OpenedIndex, k: number, seed: bigint): KeyedSample {
  const { kernels, plan } = opened;
  const keyCount = k + 1;
  // Arrivals before the last key kept: the tail's rate times its time.
  const arrivals = (): number => {
    kernels.clockHead(plan.layout, keyCount, seed);
    if (read(opened, structs.SEARCH_TAIL_TOTAL) === 0) return 0;
    if (read(opened, structs.SEARCH_TOP_COUNT) < keyCount) return Number.POSITIVE_INFINITY;
    const logRate = read(opened, structs.SEARCH_MASS_SHIFT) + kernels.log64(read(opened, structs.SEARCH_TAIL_TOTAL));
    return kernels.exp64(logRate - leastKey(opened));
  };
  if (growEnvelope(opened, arrivals, COSTS)) {
    finish(opened, kernels.clockTail(plan.layout, true, UNLIMITED_ARRIVALS));
  } else {
    // No head: every clock is read from the start.
    for (const field of [structs.SEARCH_HEAD_BUCKET_COUNT, structs.SEARCH_HEAD_COUNT, structs.SEARCH_SCORED])
      write(opened, field, 0);
    kernels.clockHead(plan.layout, keyCount, seed);
    write(opened, structs.SEARCH_IS_EXACT, 1);
    finish(opened, Number.NEGATIVE_INFINITY);
  }
  return keyed(opened, k);
}

/** The same from the proposal with the head under `scan`. */
export function drawKeys(opened: OpenedIndex, k: number, scan: number, seed: bigint): KeyedSample {
  const { kernels, plan } = opened;
  const keyCount = k + 1;
  kernels.propose(plan.layout, scan, 0);
  kernels.clockHead(plan.layout, keyCount, seed);
  const arrivals = LEAST_ARRIVALS + ARRIVALS_A_KEY * keyCount;
  finish(opened, kernels.clockTail(plan.layout, false, arrivals));
  return keyed(opened, k);
}

/** Reads all clocks from e^logTime on that the head and the stream have not, unless they come too late: logTime = ∞. */
function finish(opened: OpenedIndex, logTime: number): void {
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

function keyed(opened: OpenedIndex, k: number): KeyedSample {
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
