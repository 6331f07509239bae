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

/** Up to this part of the buckets, those that a change of the filter touches are weighed one by one. */
const FEW = 8;

const NONE = new Int32Array(0);
export const UNCONDITIONAL: CallConditions = { temperature: 1, exclude: NONE, allow: undefined };

/** An index in memory whose classes are filtered. */
interface FilteredIndex {
  readonly kernels: Pick<Kernels, "memory">;
  readonly header: IndexHeader;
  readonly plan: MemoryPlan;
}

/**
 * The conditions in place: the temperature and the bits of the filter, as kernels read them. Weights are kept from call to
 * call, and wait until a search needs them (weighed.ts), because most exact answers read none. They are then computed
 * again only where the conditions differ from those they are of: in the buckets with a class that has come or gone, or in
 * all buckets for another temperature or most of the classes. Sums are computed from scratch, so the weights have the
 * same bits whatever came before.
 */
export class Conditions {
  #inPlace = UNCONDITIONAL;
  /** The conditions of the weights. */
  #weighed = UNCONDITIONAL;
  /** The bits of the filter that the weights are of. */
  readonly #weighedBits: Int32Array;

  /** 1 / T in f32, as the kernels use it. */
  inverseTemperature = 1;
  /** The number of classes that are not filtered out. */
  allowedCount: number;

  constructor(itemCount: number) {
    this.allowedCount = itemCount;
    this.#weighedBits = new Int32Array(wordCount(itemCount));
  }

  /** Returns a function that tells, by position, whether a class is filtered out. */
  exclusionByPosition(opened: FilteredIndex): (position: number) => boolean {
    const bits = bitsOf(opened);
    return (position) => (((bits[position >> 5] as number) >> (position & 31)) & 1) === 1;
  }

  /** Puts the conditions of a call in place, all but the weights. */
  apply(opened: FilteredIndex, wanted: CallConditions): void {
    const before = this.#inPlace;
    const sameFilter = equal(before.exclude, wanted.exclude) && equal(before.allow, wanted.allow);
    if (sameFilter && before.temperature === wanted.temperature) return;
    this.#inPlace = wanted;
    const fields = new DataView(opened.kernels.memory.buffer, opened.plan.layout);
    this.inverseTemperature = Math.fround(1 / wanted.temperature);
    fields.setFloat32(structs.LAYOUT_INVERSE_TEMPERATURE, this.inverseTemperature, true);
    if (!sameFilter) this.#filter(opened, wanted, fields);
  }

  /** Writes the bits of the classes that are filtered out, and counts the others. */
  #filter(opened: FilteredIndex, { exclude, allow }: CallConditions, fields: DataView): void {
    const { kernels, plan, header } = opened;
    const { itemCount } = header.facts;
    const outliersFrom = bucketedCount(header.facts);
    const bits = bitsOf(opened);
    const positions = new Int32Array(kernels.memory.buffer, plan.regions.positions, itemCount);
    let allowedCount = allow ? 0 : itemCount;
    let allowedOutliers = allow ? 0 : itemCount - outliersFrom;
    const write = (id: number, bit: number): void => {
      const position = positions[id] as number;
      const word = bits[position >> 5] as number;
      const change = bit - ((word >> (position & 31)) & 1);
      allowedCount -= change;
      if (position >= outliersFrom) allowedOutliers -= change;
      bits[position >> 5] = word + (change << (position & 31));
    };
    bits.fill(allow ? -1 : 0);
    if (allow instanceof Uint8Array) {
      for (let id = 0; id < itemCount; id++) if (((allow[id >> 3] as number) >> (id & 7)) & 1) write(id, 0);
    } else for (const id of allow ?? []) write(id, 0);
    for (const id of exclude) write(id, 1);
    fields.setUint32(structs.LAYOUT_EXCLUDED, allow || exclude.length > 0 ? plan.regions.excluded : 0, true);
    fields.setUint32(structs.LAYOUT_ALLOWED_COUNT, allowedCount, true);
    fields.setUint32(structs.LAYOUT_ALLOWED_OUTLIERS, allowedOutliers, true);
    this.allowedCount = allowedCount;
  }

  /**
   * Computes the weights for the conditions in place, where they are those of others. It uses tables that searches leave,
   * so it must not run between a proposal and its answer.
   */
  weigh(opened: FilteredIndex & { readonly kernels: Kernels }): void {
    const before = this.#weighed;
    if (before === this.#inPlace) return;
    this.#weighed = this.#inPlace;
    const { kernels, plan, header } = opened;
    const touched = this.#touchedBuckets(opened);
    const isOtherBias = header.facts.hasBias && before.temperature !== this.#inPlace.temperature;
    if (isOtherBias || touched.length > header.facts.bucketCount / FEW) {
      kernels.weighBuckets(plan.layout, 0, 0);
    } else if (touched.length > 0) {
      new Int32Array(kernels.memory.buffer, plan.regions.headBuckets, touched.length).set(touched);
      kernels.weighBuckets(plan.layout, plan.regions.headBuckets, touched.length);
    }
  }

  /**
   * Lists the buckets with a class that only one of the filters in place and of the weights leaves out, ascending, and
   * stops at more than a few. The bits in place become those of the weights.
   */
  #touchedBuckets(opened: FilteredIndex): number[] {
    const { kernels, plan, header } = opened;
    const { bucketCount } = header.facts;
    const { buffer } = kernels.memory;
    const weighed = this.#weighedBits;
    const bits = bitsOf(opened);
    const offsets = new Int32Array(buffer, plan.file + (header.tensors.bucketOffsets?.begin ?? 0), bucketCount + 1);
    const end = bucketedCount(header.facts); // outliers have no bucket
    const touched: number[] = [];
    for (let position = 0; position < end && touched.length <= bucketCount / FEW; position++) {
      const changed = (bits[position >> 5] as number) ^ (weighed[position >> 5] as number);
      if (changed === 0) position |= 31;
      else if ((changed >> (position & 31)) & 1) {
        const bucket = lastAtMost(offsets, position);
        touched.push(bucket);
        position = (offsets[bucket + 1] as number) - 1;
      }
    }
    weighed.set(bits);
    return touched;
  }
}

/** The number of words of 32 bits for as many positions. The region is padded beyond. */
const wordCount = (itemCount: number): number => Math.ceil(itemCount / 32);

/** A bit for each position, lowest first: whether the class is filtered out. */
const bitsOf = ({ kernels, plan, header }: FilteredIndex): Int32Array =>
  new Int32Array(kernels.memory.buffer, plan.regions.excluded, wordCount(header.facts.itemCount));

function equal(a: Int32Array | Uint8Array | undefined, b: Int32Array | Uint8Array | undefined): boolean {
  if (a === b) return true;
  if (!a || !b || a.constructor !== b.constructor || a.length !== b.length) return false;
  return a.every((value, i) => value === b[i]);
}
