import * as abi from "../abi.ts";
import type { ScanChoice } from "../answers.ts";
import { tailDeviation } from "../estimate.ts";
import { type OpenedIndex, read } from "../opened-index.ts";
import { momentsOf } from "./estimate.ts";

const FIRST_SCAN = 1024;
const GROWTH = 4;

/** A head of more than this share of all classes takes longer than to scan them all in order. */
const LARGEST_HEAD = 0.25;

/** Draws that the spread of the tail's weights is measured with; they are not used again, so the answer stays unbiased. */
const PILOT_DRAWS = 64;
/** Changes the seed for them. */
const PILOT = 0x9e3779b97f4a7c15n;

/**
 * The least head budget expected to meet `targetError`, the relative standard error of the partition from `draws` draws:
 * share of the tail's mass · relative deviation of its mean. The share is measured for each budget, the deviation once,
 * by pilot draws behind the first head.
 */
export function chooseScan(
  opened: OpenedIndex,
  { draws, seed, targetError }: { readonly draws: number; readonly seed: bigint; readonly targetError: number },
): ScanChoice {
  const { kernels, plan, header } = opened;
  const { layout } = plan;
  const { itemCount } = header.facts;
  let scan = Math.min(FIRST_SCAN, plan.maxScan);
  kernels.propose(layout, scan, 0);
  kernels.estimateTail(layout, PILOT_DRAWS, seed ^ PILOT);
  const pilot = momentsOf(opened);
  const spread = tailDeviation(pilot, draws, kernels) / pilot.tailMean;
  const headShare = 1 - tailShare(opened);
  const errorNow = (): number => {
    const share = tailShare(opened);
    return share > 0 ? share * spread : 0;
  };
  const expectedErrorAtFirst = errorNow();
  let expectedError = expectedErrorAtFirst;
  while (!(expectedError <= targetError)) {
    scan *= GROWTH;
    if (scan > Math.min(plan.maxScan, itemCount * LARGEST_HEAD)) {
      return { scan: itemCount, exact: true, headShare, expectedError: 0, expectedErrorAtFirst };
    }
    kernels.propose(layout, scan, 0);
    kernels.estimateTail(layout, 0, seed);
    expectedError = errorNow();
  }
  return { scan, exact: false, headShare, expectedError, expectedErrorAtFirst };
}

/** S_T / S' of the proposal in place, whose moments estimateTail has left. */
function tailShare(opened: OpenedIndex): number {
  const tail = read(opened, abi.SEARCH_TAIL_MASS);
  return tail > 0 ? tail / (read(opened, abi.SEARCH_HEAD_MASS) + tail) : 0;
}
