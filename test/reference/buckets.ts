import { BLOCK_QUADS, BLOCK_SLOTS } from "../../src/abi.ts";
import { log64 } from "./log.ts";
import { codewordCountOf, type ReferenceIndex } from "./reference-index.ts";
import type { SlotPlaces } from "./slot-places.ts";
import { type Conditions, type SlotWeights, type Weights, weighBuckets } from "./weights.ts";

/** Assigns a slot to every bucket. */
export function layOutSlots(index: ReferenceIndex): SlotPlaces {
  const codewordCount = codewordCountOf(index);
  const bucketOfCode = new Map(Array.from(index.bucketCodes, (code, bucket) => [code, bucket]));
  const groupBlocks = [0];
  const columns: number[] = [];
  const slotPlaces: number[] = [];
  for (let group = 0; group < codewordCount; group++) {
    for (let column = 0; 4 * column < codewordCount; column++) {
      const quad = [0, 1, 2, 3].map((lane) => {
        const k2 = 4 * column + lane;
        return k2 < codewordCount ? (bucketOfCode.get(group * codewordCount + k2) ?? -1) : -1;
      });
      if (quad.every((bucket) => bucket < 0)) continue;
      columns.push(column);
      slotPlaces.push(...quad);
    }
    while (columns.length % BLOCK_QUADS !== 0) {
      columns.push(0);
      slotPlaces.push(-1, -1, -1, -1);
    }
    groupBlocks.push(columns.length / BLOCK_QUADS);
  }
  const bucketSlots = new Int32Array(index.facts.bucketCount);
  for (const [slot, bucket] of slotPlaces.entries()) if (bucket >= 0) bucketSlots[bucket] = slot;
  const slotDispersions = Float32Array.from(slotPlaces, (bucket) =>
    bucket < 0 ? 0 : (index.dispersions?.[bucket] ?? 0),
  );
  const blockCount = columns.length / BLOCK_QUADS;
  return {
    blockCount,
    groupBlocks: Int32Array.from(groupBlocks),
    blockColumns: Uint8Array.from(columns),
    slotPlaces: Int32Array.from(slotPlaces),
    bucketSlots,
    slotDispersions,
    blockDispersions: Float32Array.from({ length: blockCount }, (_, block) =>
      slotDispersions.subarray(block * BLOCK_SLOTS, (block + 1) * BLOCK_SLOTS).reduce((a, b) => Math.max(a, b)),
    ),
    residualReach: Math.fround(Math.sqrt(2 * log64(Math.max(index.facts.itemCount, 2)))),
    evenShare: Math.fround(
      Math.max(0, 1 - index.directions.reduce((sum, value) => sum + value * value, 0) / index.facts.dim),
    ),
    largestDispersion: (index.dispersions ?? new Float32Array(0)).reduce((top, value) => Math.max(top, value), 0),
  };
}

const laidOut = new WeakMap<ReferenceIndex, SlotPlaces>();

/** The slots of an index, which its conditions leave as they are, are laid out once. */
function placesOf(index: ReferenceIndex): SlotPlaces {
  const places = laidOut.get(index) ?? layOutSlots(index);
  laidOut.set(index, places);
  return places;
}

/** An index with everything derived from it, at a temperature and under a filter. */
export interface DerivedIndex extends ReferenceIndex, Weights {
  readonly slots: Slots;
}

/** The tables by slot. */
export interface Slots extends SlotPlaces, SlotWeights {}

/** Derives the tables of an index under the given conditions. */
export function derive(index: ReferenceIndex, conditions: Conditions = {}): DerivedIndex {
  const places = placesOf(index);
  const weights = weighBuckets(index, places, conditions);
  return { ...index, ...weights, slots: { ...places, ...weights.slots } };
}
