import { describe, expect, test } from "vitest";
import { BLOCK_QUADS, BLOCK_SLOTS } from "../../../src/abi.ts";
import { INDEX_CASES, LARGE_LOGIT_CASES } from "../../fixtures/index-cases.ts";
import { describeBuilds, openTiny } from "../../fixtures/opened.ts";
import { reference } from "../../reference/index.ts";
import { codesOf } from "../../reference/reference-index.ts";

const ALL_CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES];

describe("the reference of layOutSlots", () => {
  test.each(ALL_CASES)("puts every bucket into the slot of its second codeword, in order: %s", (_, index) => {
    const { slotPlaces, bucketSlots, groupBlocks, blockColumns } = reference.layOutSlots(index);
    const taken = Array.from(slotPlaces.entries()).filter(([, bucket]) => bucket >= 0);
    expect(taken.map(([, bucket]) => bucket)).toEqual([...index.bucketCodes.keys()]);
    expect(taken.map(([slot]) => slot)).toEqual(Array.from(bucketSlots));
    for (const [slot, bucket] of taken) {
      const { k1, k2 } = codesOf(index, bucket);
      const block = Math.floor(slot / BLOCK_SLOTS);
      expect(block).toBeGreaterThanOrEqual(groupBlocks[k1] as number);
      expect(block).toBeLessThan(groupBlocks[k1 + 1] as number);
      expect(4 * (blockColumns[slot >> 2] as number) + (slot & 3)).toBe(k2);
    }
  });
});

describeBuilds("layOutSlots", (modules) => {
  test.each(ALL_CASES)("equals the reference, and empties every slot: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    const { blockCount, groupBlocks, blockColumns, bucketSlots, blockDispersions } = opened.index.slots;
    if (index.dispersions) opened.read(Float32Array, "blockDispersions", blockCount).fill(-1);
    expect(opened.kernels.layOutSlots(opened.layout)).toBe(blockCount);
    expect(opened.read(Int32Array, "groupBlocks", 2 ** index.facts.bits + 1)).toEqual(groupBlocks);
    const groups = Array.from(index.bucketCodes, (code) => code >> index.facts.bits);
    const firsts = Int32Array.from(
      { length: 2 ** index.facts.bits + 1 },
      (_, k1) => groups.filter((k) => k < k1).length,
    );
    expect(opened.read(Int32Array, "groupBuckets", firsts.length)).toEqual(firsts);
    expect(opened.read(Uint8Array, "blockColumns", blockCount * BLOCK_QUADS)).toEqual(blockColumns);
    expect(opened.read(Int32Array, "bucketSlots", index.facts.bucketCount)).toEqual(bucketSlots);
    if (index.dispersions) {
      expect(opened.read(Float32Array, "blockDispersions", blockCount)).toEqual(blockDispersions);
    }
    const count = blockCount * BLOCK_SLOTS;
    expect(opened.read(Int32Array, "slotBuckets", count)).toEqual(new Int32Array(count).fill(-1));
    expect(opened.read(Int32Array, "slotCounts", count)).toEqual(new Int32Array(count));
    expect(opened.read(Float32Array, "slotRates", count)).toEqual(new Float32Array(count));
    expect(opened.read(Float32Array, "slotLogRates", count)).toEqual(new Float32Array(count));
    const { weightTables, blocks } = opened.opened.plan;
    const all = weightTables * blocks * BLOCK_SLOTS;
    expect(opened.read(Float32Array, "slotWeights", all)).toEqual(new Float32Array(all));
    opened.kernels.countBuckets(opened.layout, 0, 0);
    opened.kernels.weighBuckets(opened.layout, 0, 0);
    expect(opened.strayWrites(), "all as it was, weighed again").toEqual([]);
  });
});
