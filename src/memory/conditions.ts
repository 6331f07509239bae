import * as structs from "../../build/structs.ts";
import type { IndexHeader } from "../format/header.ts";
import { bucketedCount } from "../format/sections.ts";
import type { Kernels } from "./kernels.ts";
import { lastAtMost } from "./last-at-most.ts";
import type { MemoryPlan } from "./plan.ts";

/** The checked temperature and filters of a call. Ids are in arrays of their own, and duplicates are harmless. */
export interface CallConditions {
  readonly temperature: number;
  readonly exclude: Int32Array;
  /** The classes that are not filtered out: ids, or a bit for each class, lowest first. Undefined means all. */
  readonly allow: Int32Array | Uint8Array | undefined;
}

const NONE = new Int32Array(0);
export const UNCONDITIONAL: CallConditions = { temperature: 1, exclude: NONE, allow: undefined };

/** An index in memory whose weights depend on the conditions. */
interface WeighedIndex {
  readonly kernels: Kernels;
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;
}

type Touched = readonly number[] | "all";

/**
 * The conditions for which the weights in memory are computed. Weights are kept from call to call. They are computed
 * again only where the conditions of the next call differ: all buckets for another temperature or `allow`, O(N), and
 * only the buckets with an excluded class for another `exclude`. Sums are computed from scratch, so the weights have
 * the same bits whatever came before.
 */
export class Conditions {
  #inPlace = UNCONDITIONAL;
  /** Buckets with an excluded class, ascending, or "all" with `allow`. */
  #touched: Touched = [];

  /** 1 / T in f32, as the kernels use it. */
  inverseTemperature = 1;
  /** The number of classes that are not filtered out. */
  allowedCount: number;

  constructor(itemCount: number) {
    this.allowedCount = itemCount;
  }

  /** Returns a function that tells, by id, whether a class is filtered out. */
  exclusion(opened: WeighedIndex): (id: number) => boolean {
    const { kernels, plan, header } = opened;
    const positions = new Int32Array(kernels.memory.buffer, plan.regions.positions, header.facts.itemCount);
    const isExcluded = this.exclusionByPosition(opened);
    return (id) => isExcluded(positions[id] as number);
  }

  /** Returns a function that tells, by position, whether a class is filtered out. */
  exclusionByPosition({ kernels, plan, header }: WeighedIndex): (position: number) => boolean {
    const bytes = Math.ceil(header.facts.itemCount / 8);
    const excluded = new Uint8Array(kernels.memory.buffer, plan.regions.excluded, bytes);
    return (position) => (((excluded[position >> 3] as number) >> (position & 7)) & 1) === 1;
  }

  apply(opened: WeighedIndex, wanted: CallConditions): void {
    const before = this.#inPlace;
    const sameFilter = equal(before.exclude, wanted.exclude) && equal(before.allow, wanted.allow);
    const sameTemperature = before.temperature === wanted.temperature;
    if (sameFilter && sameTemperature) return;
    this.#inPlace = wanted;
    const { kernels, plan, header } = opened;
    const fields = new DataView(kernels.memory.buffer, plan.layout);
    this.inverseTemperature = Math.fround(1 / wanted.temperature);
    fields.setFloat32(structs.LAYOUT_INVERSE_TEMPERATURE, this.inverseTemperature, true);
    const touchedBefore = this.#touched;
    if (!sameFilter) this.#filter(opened, wanted, fields);
    if (!sameTemperature && header.facts.hasBias) kernels.weighBuckets(plan.layout, 0, 0);
    else if (!sameFilter) weigh(opened, touchedBefore, this.#touched);
  }

  /** Writes the bits of the classes that are filtered out, and counts the others. */
  #filter({ kernels, plan, header }: WeighedIndex, { exclude, allow }: CallConditions, fields: DataView): void {
    const { itemCount, bucketCount } = header.facts;
    const outliersFrom = bucketedCount(header.facts); // they have no bucket
    const { buffer } = kernels.memory;
    const excluded = new Uint8Array(buffer, plan.regions.excluded, Math.ceil(itemCount / 8));
    const positions = new Int32Array(buffer, plan.regions.positions, itemCount);
    const touched = new Set<number>();
    const offsets = new Int32Array(buffer, plan.file + (header.tensors.bucketOffsets?.begin ?? 0), bucketCount + 1);
    let allowedCount = allow ? 0 : itemCount;
    let allowedOutliers = allow ? 0 : itemCount - outliersFrom;
    const include = (id: number): void => {
      const position = positions[id] as number;
      const byte = excluded[position >> 3] as number;
      const added = (byte >> (position & 7)) & 1;
      allowedCount += added;
      if (position >= outliersFrom) allowedOutliers += added;
      excluded[position >> 3] = byte & ~(1 << (position & 7));
    };
    excluded.fill(allow ? 0xff : 0);
    if (allow instanceof Uint8Array) {
      for (let id = 0; id < itemCount; id++) if (((allow[id >> 3] as number) >> (id & 7)) & 1) include(id);
    } else allow?.forEach(include);
    for (const id of exclude) {
      const position = positions[id] as number;
      const byte = excluded[position >> 3] as number;
      const removed = 1 - ((byte >> (position & 7)) & 1);
      allowedCount -= removed;
      if (position >= outliersFrom) allowedOutliers -= removed;
      excluded[position >> 3] = byte | (1 << (position & 7));
      if (!allow && position < outliersFrom) touched.add(lastAtMost(offsets, position));
    }
    this.#touched = allow ? "all" : [...touched];
    fields.setUint32(structs.LAYOUT_EXCLUDED, allow || exclude.length > 0 ? plan.regions.excluded : 0, true);
    fields.setUint32(structs.LAYOUT_ALLOWED_COUNT, allowedCount, true);
    fields.setUint32(structs.LAYOUT_ALLOWED_OUTLIERS, allowedOutliers, true);
    this.allowedCount = allowedCount;
  }
}

/** Computes the weights of the buckets that the old filter or the new one affects. */
function weigh({ kernels, plan }: WeighedIndex, before: Touched, after: Touched): void {
  if (before === "all" || after === "all") {
    kernels.weighBuckets(plan.layout, 0, 0);
    return;
  }
  const buckets = Int32Array.from(new Set([...before, ...after])).sort();
  if (buckets.length === 0) return;
  new Int32Array(kernels.memory.buffer, plan.regions.headBuckets, buckets.length).set(buckets); // free between queries
  kernels.weighBuckets(plan.layout, plan.regions.headBuckets, buckets.length);
}

function equal(a: Int32Array | Uint8Array | undefined, b: Int32Array | Uint8Array | undefined): boolean {
  if (a === b) return true;
  if (!a || !b || a.constructor !== b.constructor || a.length !== b.length) return false;
  return a.every((value, i) => value === b[i]);
}
