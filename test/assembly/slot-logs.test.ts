import { expect, test } from "vitest";
import { LAYOUT_REGIONS } from "../../build/structs.ts";
import { anyQuery, INDEX_CASES } from "../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny, openTiny, writeConditions } from "../fixtures/opened.ts";
import { type DerivedIndex, derive } from "../reference/buckets.ts";
import { positionsOf } from "../reference/reference-index.ts";
import { storedLogWeights } from "../reference/weights.ts";

/** Returns log w_b by slot, as a search by logarithms leaves them. */
function slotLogs(opened: OpenedTiny): Float32Array {
  opened.kernels.bucketLogMasses(opened.layout, 0);
  return opened.read(Float32Array, "slotLogWeights", opened.index.slots.slotLogWeights.length);
}

/** Weighs the first `count` buckets, or all for 0, under the conditions of `index`. */
function weigh(opened: OpenedTiny, index: DerivedIndex, count: number): void {
  const { kernels, layout } = opened;
  writeConditions(kernels, layout, opened.address("excluded"), index);
  opened.write("headBuckets", Int32Array.from(index.bucketCodes.keys()));
  const list = count > 0 ? opened.address("headBuckets") : 0;
  kernels.countBuckets(layout, list, count);
  kernels.weighBuckets(layout, list, count);
}

describeBuilds("the weights by slot", (modules) => {
  test.each(INDEX_CASES)("are those in place, whatever was in place at the last search: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    opened.ask(anyQuery(index, 1));
    expect(slotLogs(opened)).toEqual(opened.index.slots.slotLogWeights);
    const excluded = new Set(
      Array.from(index.bucketCodes.keys(), (bucket) => positionsOf(index, bucket).first).filter((at) => at % 2 > 0),
    );
    const filtered = derive(index, { excluded });
    for (const [now, count, name] of [
      [filtered, index.facts.bucketCount, "a list of buckets under a filter"],
      [opened.index, 0, "all buckets without it"],
      [filtered, 0, "all buckets under it"],
    ] as const) {
      weigh(opened, now, count);
      expect(slotLogs(opened), name).toEqual(now.slots.slotLogWeights);
    }
    const logs = storedLogWeights(opened.index); // of another table
    const other = opened.kernels.memory.grow(Math.ceil((logs.byteLength + 1) / 65_536)) * 65_536;
    new Float32Array(opened.kernels.memory.buffer, other, logs.length).set(logs);
    opened.setLayout(LAYOUT_REGIONS.bucketLogWeights, other);
    expect(slotLogs(opened), "another table").toEqual(opened.index.slots.slotLogWeights);
    opened.setLayout(LAYOUT_REGIONS.bucketLogWeights, opened.address("bucketLogWeights"));
    expect(slotLogs(opened), "the table before").toEqual(filtered.slots.slotLogWeights);
  });
});
