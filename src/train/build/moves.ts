import { compareTexts, type LabelTable } from "../../memory/labels.ts";
import type { Codes } from "../codes/encode.ts";
import { NO_BUCKET, type WarmStart } from "./warm-start.ts";

/** The classes that changed their bucket between an older index and the new one. */
export interface Moves {
  /** Classes are matched by label if both indexes have labels, otherwise by id. */
  readonly comparedBy: "labels" | "ids";
  /** Number of classes that both indexes have. */
  readonly compared: number;
  /** Number of these classes that are in another bucket, or are an outlier in only one of the indexes. */
  readonly moved: number;
  /** Number of classes that only the new index has. */
  readonly added: number;
  /** Number of classes that only the older index has. */
  readonly removed: number;
}

/** Counts the classes that the new codes put in another bucket. `labels` and `outliers` are those of the new classes. */
export function countMoves(
  { buckets, labels: oldLabels, quantizer }: WarmStart,
  { codes1, codes2 }: Codes,
  labels: LabelTable | undefined,
  outliers: Int32Array,
): Moves {
  const isOutlier = new Set(outliers);
  const byLabel = oldLabels !== undefined && labels !== undefined;
  const pairs = byLabel ? pairsByLabel(oldLabels, labels) : pairsById(buckets.length, codes1.length);
  let [compared, moved] = [0, 0];
  for (const [oldId, id] of pairs) {
    compared++;
    const bucket = isOutlier.has(id)
      ? NO_BUCKET
      : (codes1[id] as number) * quantizer.codewordCount + (codes2[id] as number);
    if (bucket !== buckets[oldId]) moved++;
  }
  return {
    comparedBy: byLabel ? "labels" : "ids",
    compared,
    moved,
    added: codes1.length - compared,
    removed: buckets.length - compared,
  };
}

type Pairs = Generator<readonly [oldId: number, id: number]>;

function* pairsById(oldCount: number, count: number): Pairs {
  for (let id = 0; id < oldCount && id < count; id++) yield [id, id];
}

/** Merges the two tables, whose `order` sorts the labels. */
function* pairsByLabel(old: LabelTable, now: LabelTable): Pairs {
  for (let i = 0, j = 0; i < old.order.length && j < now.order.length; ) {
    const [oldId, id] = [old.order[i] as number, now.order[j] as number];
    const [startA, endA] = [old.offsets[oldId] as number, old.offsets[oldId + 1] as number];
    const [startB, endB] = [now.offsets[id] as number, now.offsets[id + 1] as number];
    const difference = compareTexts(old.text, startA, endA, now.text, startB, endB);
    if (difference === 0) yield [oldId, id];
    if (difference <= 0) i++;
    if (!(difference < 0)) j++;
  }
}
