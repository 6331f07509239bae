import * as structs from "../../build/structs.ts";
import type { IndexFacts } from "../format/facts.ts";
import { rowBytes } from "../format/tensors.ts";
import { listPositions } from "../memory/list-positions.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { DEFAULT_SCAN } from "./options.ts";

/** Up to this many classes are scored in less time than a change of `allow` takes to weigh all buckets. */
export const SMALL_ALLOW = 8 * DEFAULT_SCAN;

/** Bytes that are read for a row beside its own: the cache lines of its scale and of its bias. */
const BESIDE_ROW = 128;
/** Bytes that a change of the filter reads for a bucket: two cache lines of its slot. */
const OF_BUCKET = 128;
/** Bytes that such a change reads for a class: its portions at two knots. */
const OF_CLASS = 8;
/** If `allow` leaves one of so many classes or more, not all of them are scored. A bitmap then thins out (src/index/thins-for.ts). */
export const LEAST_PART = 8;

/** The facts about an index that the rule of mostScored uses. */
type RuleFacts = Pick<IndexFacts, "dim" | "rows" | "itemCount" | "bucketCount">;

/**
 * Returns the largest number of classes, left by `allow` or a filter, whose rows are all scored in every call, because
 * reading these rows takes less than weighing all buckets.
 */
export function mostScored(facts: RuleFacts): number {
  const { itemCount, bucketCount } = facts;
  const weighed = OF_BUCKET * bucketCount + OF_CLASS * itemCount;
  const affordable = Math.floor(weighed / (rowBytes(facts) + BESIDE_ROW));
  return Math.max(SMALL_ALLOW, Math.min(affordable, Math.ceil(itemCount / LEAST_PART) - 1));
}

/**
 * Returns true if `allow` leaves so few classes that all of them are scored. Nothing is then estimated, and no weights or codes
 * are needed. Files without dispersions answer as they did before this rule.
 */
export const headHoldsAllowed = (opened: OpenedIndex, scan: number): boolean =>
  headListsAllowed(opened, scan) || isScored(opened);

/** Returns true if a head lists all classes that `allow` leaves. */
export const headListsAllowed = ({ conditions, plan, errorBars }: OpenedIndex, scan: number): boolean =>
  errorBars.hasDispersions &&
  conditions.hasAllow &&
  conditions.allowedCount <= Math.min(plan.maxScan, Math.max(scan, SMALL_ALLOW));

/** Returns true if the classes that `allow` leaves are too many for a list, but not to be scored for each call. */
export const streamsAllowed = (opened: OpenedIndex, scan: number): boolean =>
  isScored(opened) && !headListsAllowed(opened, scan);

const isScored = (opened: OpenedIndex): boolean =>
  opened.errorBars.hasDispersions &&
  opened.conditions.hasAllow &&
  opened.conditions.thinnedShare === undefined &&
  opened.conditions.allowedCount > SMALL_ALLOW &&
  canScoreLeft(opened);

/** Returns true if the classes that are left are few enough to be scored for each call. */
export const canScoreLeft = ({ conditions, header }: OpenedIndex): boolean =>
  conditions.allowedCount <= mostScored(header.facts);

/** Leaves what the kernel `propose` leaves, with a head that lists all classes that are not filtered out. */
export function proposeAllowed(opened: OpenedIndex): void {
  const { kernels, plan, header } = opened;
  const count = listPositions(opened, 0, header.facts.itemCount, plan.regions.headPositions);
  for (const field of [structs.SEARCH_HEAD_BUCKET_COUNT, structs.SEARCH_TAIL_TOTAL]) write(opened, field, 0);
  kernels.scoreListed(plan.layout, count);
  kernels.endProposal(plan.layout);
}

/** Leaves the k best of the head in topIds and topScores. */
export function topOfHead(opened: OpenedIndex, k: number): void {
  write(opened, structs.SEARCH_TOP_COUNT, 0);
  offerHead(opened, k);
  opened.kernels.topSort(opened.plan.layout);
}

/** Offers the head to the k best in topIds and topScores. */
export function offerHead(opened: OpenedIndex, k: number): void {
  const { headPositions, headScores } = opened.plan.regions;
  const count = read(opened, structs.SEARCH_HEAD_COUNT);
  opened.kernels.topPush(opened.plan.layout, headPositions, headScores, count, k);
}
