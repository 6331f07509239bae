import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { DEFAULT_SCAN } from "./options.ts";

/** Up to this many classes are scored in less time than a change of `allow` takes to weigh all buckets. */
export const SMALL_ALLOW = 8 * DEFAULT_SCAN;

/**
 * Returns true if `allow` leaves so few classes that a head of all of them answers. Nothing is then estimated, and no
 * weights or codes are needed. Files without dispersions answer as they did before this rule.
 */
export const headHoldsAllowed = ({ conditions, plan, errorBars }: OpenedIndex, scan: number): boolean =>
  errorBars.hasDispersions &&
  conditions.hasAllow &&
  conditions.allowedCount <= Math.min(plan.maxScan, Math.max(scan, SMALL_ALLOW));

/** Leaves what the kernel `propose` leaves, with a head of all classes that are not filtered out. */
export function proposeAllowed({ kernels, plan, header, ...opened }: OpenedIndex): void {
  const { headPositions } = plan.regions;
  const end = kernels.listPositions(plan.layout, 0, header.facts.itemCount, headPositions);
  for (const field of [structs.SEARCH_HEAD_BUCKET_COUNT, structs.SEARCH_TAIL_TOTAL]) write(opened, field, 0);
  kernels.scoreListed(plan.layout, (end - headPositions) / 4);
  kernels.endProposal(plan.layout);
}

/** Leaves the k best of the head in topIds and topScores. */
export function topOfHead(opened: OpenedIndex, k: number): void {
  const { kernels, plan } = opened;
  const { headPositions, headScores } = plan.regions;
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  kernels.topPush(plan.layout, headPositions, headScores, read(opened, structs.SEARCH_HEAD_COUNT), k);
  kernels.topSort(plan.layout);
}
