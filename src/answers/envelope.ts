import type { OpenedIndex } from "../memory/opened-index.ts";
import { weighed } from "../memory/weighed.ts";
import { DEFAULT_SCAN } from "./options.ts";
import { sizeOfHead } from "./thinning.ts";

/** The share of the proposals that is left when the head doubles: 0.25 to 0.42 on the heads of bench/exact.ts. */
const LEFT = 0.35;

/** Times, in rows of a full scan, of an envelope without its head and of one proposal from its tail. */
const ENVELOPE_ROWS = 10_000;
const PROPOSAL_ROWS = 30;

/** Times of other steps, in rows of a full scan. */
export interface Costs {
  /** The time of a class in the head. */
  readonly headRows: number;
  /** The time of a class in the scan that would answer instead. */
  readonly scanRows: number;
}

/**
 * Puts the envelope of the query in place with a head that is worth its time. The next head to try is the one that
 * should be best. Returns false if a scan of all rows is cheaper than the rest of the work.
 */
export function growEnvelope(opened: OpenedIndex, proposals: () => number, { headRows, scanRows }: Costs): boolean {
  const { plan, conditions } = opened;
  const { layout } = plan;
  const { allowedCount } = conditions;
  const firstScan = Math.min(DEFAULT_SCAN, plan.maxScan);
  if (allowedCount <= 2 * firstScan) return false;
  const kernels = weighed(opened);
  kernels.subScores(layout);
  kernels.prepareBounds(layout);
  for (let scan = firstScan; ; ) {
    kernels.envelope(layout, sizeOfHead(opened, scan));
    const rows = proposals() * PROPOSAL_ROWS;
    const scanned = scanRows * allowedCount;
    let [next, left, cost] = [scan, rows, rows - ENVELOPE_ROWS];
    while (headRows * 2 * next + left * LEFT < cost) {
      next *= 2;
      left *= LEFT;
      cost = headRows * next + left;
    }
    if (next === scan || next > plan.maxScan || cost + ENVELOPE_ROWS > scanned) return rows <= scanned;
    scan = next;
  }
}

/** The heads of an envelope that has grown. */
export interface GrownHeads {
  readonly heads: number;
  /** The classes of all heads together, without outliers. */
  readonly rows: number;
}

/**
 * Returns the most heads that growEnvelope can put in place for `count` classes. Each head but the first is at least twice the
 * one before, and with the proposals that it is expected to leave it costs less than a scan. Heads double only while the
 * proposals that they leave cost more than a part of the head, so these add to its cost.
 */
export function mostGrown(count: number, maxScan: number, { headRows, scanRows }: Costs): GrownHeads {
  const first = Math.min(DEFAULT_SCAN, maxScan);
  if (count <= 2 * first) return { heads: 0, rows: 0 };
  const cost = headRows * (1 + LEFT / (2 * (1 - LEFT)));
  const largest = Math.min(maxScan, (scanRows * count - ENVELOPE_ROWS) / cost);
  if (largest < 2 * first) return { heads: 1, rows: first };
  return { heads: 1 + Math.floor(Math.log2(largest / first)), rows: Math.ceil(2 * largest) };
}
