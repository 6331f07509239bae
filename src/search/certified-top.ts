import * as abi from "../abi.ts";
import { type OpenedIndex, read, write } from "../opened-index.ts";
import { DEFAULT_SCAN } from "../options.ts";
import { BLOCK_ROWS, scanAll } from "./full-scan.ts";

/** With more of the classes in buckets that can't be left out, reading all rows in order is faster. */
const MOST_CANDIDATES = 0.6;

/**
 * The k best of all classes, for certain, in topIds and topScores (docs/method.md, 5); returns the rows read. The head
 * gives a threshold; buckets, then classes, whose bound is below it are left out; the rest is scored, which raises it.
 */
export function certifyTop(opened: OpenedIndex, k: number): number {
  const { kernels, plan, conditions } = opened;
  const { layout, regions } = plan;
  const { allowedCount } = conditions;
  const scores = new Float32Array(kernels.memory.buffer, regions.topScores, 1);
  const threshold = (): number =>
    read(opened, abi.SEARCH_TOP_COUNT) < k ? Number.NEGATIVE_INFINITY : (scores[0] as number);
  const firstScan = Math.min(DEFAULT_SCAN, plan.maxScan); // a threshold that is nearly the final one: recall@10 is .99 and more
  if (k === 0 || allowedCount <= 2 * firstScan) return scanAll(opened, k).scored;
  kernels.propose(layout, firstScan, k);
  write(opened, abi.SEARCH_TOP_COUNT, 0);
  let scored = read(opened, abi.SEARCH_HEAD_COUNT);
  kernels.topPush(layout, regions.headPositions, regions.headScores, scored, k);
  kernels.prepareBounds(layout);
  if (kernels.candidates(layout, threshold()) > MOST_CANDIDATES * allowedCount) {
    return scored + scanAll(opened, k).scored;
  }
  for (;;) {
    const count = kernels.survivors(layout, threshold(), BLOCK_ROWS);
    if (count === 0) break;
    kernels.scorePositions(layout, regions.drawPositions, count, regions.drawScores);
    kernels.topPush(layout, regions.drawPositions, regions.drawScores, count, k);
    scored += count;
  }
  kernels.topSort(layout);
  return scored;
}
