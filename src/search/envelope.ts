import type { OpenedIndex } from "../opened-index.ts";

/** Classes scored first, and how the next try grows. */
const FIRST_SCAN = 1024;
const GROWTH = 4;

/** Time of one proposal from the tail, in rows of a full scan. */
const PROPOSAL_ROWS = 40;

/** Times of other things, in rows of a full scan. */
export interface Costs {
  /** A class of the head. */
  readonly headRows: number;
  /** A class in the scan that would answer instead. */
  readonly scanRows: number;
}

/**
 * Puts the envelope of the query in place with a head that pays: as long as the `proposals` expected from the tail would
 * take longer than a larger head, it grows. False where a scan of all rows is cheaper than what is left to do.
 */
export function growEnvelope(opened: OpenedIndex, proposals: () => number, { headRows, scanRows }: Costs): boolean {
  const { kernels, plan, header } = opened;
  const { layout } = plan;
  const { itemCount } = header.facts;
  const firstScan = Math.min(FIRST_SCAN, plan.maxScan);
  if (itemCount <= 2 * firstScan) return false;
  kernels.prepareQuery(layout);
  kernels.subScores(layout);
  kernels.prepareBounds(layout);
  for (let scan = firstScan; ; scan *= GROWTH) {
    kernels.envelope(layout, scan);
    const rows = proposals() * PROPOSAL_ROWS;
    if (rows <= headRows * scan * GROWTH) return true;
    const next = scan * GROWTH;
    if (next > plan.maxScan || next > itemCount / 2) return rows <= scanRows * itemCount;
  }
}
