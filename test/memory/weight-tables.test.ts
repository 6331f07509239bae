import { expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { build } from "../../src/train/index.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { randomRows } from "../train/rows.ts";

// More temperatures and filters in turn than are kept, each near or far from the one before. An answer has the bits of an
// index that answered no other call.

const N = 20_000;
const vectors = rawVectors(N, 6, 11);
const file = await build(vectors, { bias: vectors.bias.map((bias) => 2 * bias), bits: 5, calibrate: "off", seed: 1 });
const plain = await build(vectors, { bits: 5, calibrate: "off", seed: 1 });

/** A bitmap of about `share` of the classes. */
function bitmap(share: number, seed: number): { readonly bitmap: Uint8Array } {
  const bits = new Uint8Array(Math.ceil(N / 8));
  for (const [id, value] of randomRows(N, seed).entries()) {
    if ((value + 1) / 2 < share) bits[id >> 3] = (bits[id >> 3] as number) | (1 << (id & 7));
  }
  return { bitmap: bits };
}

const few = Int32Array.from({ length: 40 }, (_, i) => (i * 487) % N);
const FILTERS: readonly ConditionOptions[] = [
  {},
  { exclude: few },
  { exclude: few.subarray(0, 39) },
  { allow: bitmap(0.6, 1) },
  { allow: bitmap(0.9, 2) },
  { allow: bitmap(0.6, 1), exclude: few },
  { allow: bitmap(0.45, 3) },
];
const TEMPERATURES = [1, 0.7, 0.72, 0.5, 1.3, 0.04, 6, 300];

const ids = Array.from({ length: 60 }, (_, i) => (i * 331) % N);
const answersOf = (index: MultiIndex, call: number, conditions: ConditionOptions): unknown[] => {
  const query = randomRows(6, 100 + (call % 5)).map((value) => 2 * value);
  const given = { ...conditions, scan: 64 };
  return [
    index.logQ(query, ids, given),
    index.predict(query, 5, { ...given, draws: 50, seed: call }),
    index.sample(query, 40, { ...given, seed: call }),
    index.sample(query, 5, { ...conditions, exact: true, seed: call }),
    index.logPartition(query, { ...given, seed: call }),
  ];
};

test.each([
  ["biases", file],
  ["no biases", plain],
])("an index with %s", async (_, bytes) => {
  const limits = { maxScan: 128 }; // a head of all that is allowed needs no weights
  const used = await open(bytes, limits);
  for (let call = 0; call < 90; call++) {
    const conditions = {
      ...FILTERS[(call * 5 + Math.floor(call / 7)) % FILTERS.length],
      temperature: TEMPERATURES[(call * 3 + Math.floor(call / 11)) % TEMPERATURES.length] as number,
    };
    const answers = answersOf(used.index, call, conditions);
    if (call % 3 !== 0) continue;
    const fresh = await open(bytes, limits);
    expect(answers, JSON.stringify({ call, temperature: conditions.temperature })).toEqual(
      answersOf(fresh.index, call, conditions),
    );
    fresh.index.dispose();
  }
});

test("filters far from each other keep shares of their own when they take turns", async () => {
  const { index, opened } = await open(file, { maxScan: 128 });
  const [query = new Float32Array()] = vectors.queries;
  const stamps = Array.from({ length: 6 }, (_, call) => {
    index.logQ(query, ids, { allow: bitmap(0.6, 1 + (call % 2)), scan: 64 });
    return new DataView(opened.kernels.memory.buffer, opened.plan.layout).getUint32(structs.LAYOUT_SHARE_STAMP, true);
  });
  expect(new Set(stamps).size).toBe(2);
  expect(stamps.slice(2)).toEqual(stamps.slice(0, 4));
});

test("as many tables are kept as there is room for, and answers do not depend on it", async () => {
  const wide = await open(file);
  const { totalBytes } = wide.opened.plan;
  const narrow = await open(file, { maxBytes: totalBytes - 1 });
  const kept = [wide, narrow].map(({ opened: { plan } }) => {
    const { weightTables, shareTables, knotTables, portionTables } = plan;
    return { weightTables, shareTables, knotTables, portionTables };
  });
  expect(kept).toEqual([
    { weightTables: 4, shareTables: 2, knotTables: 6, portionTables: 2 },
    { weightTables: 3, shareTables: 1, knotTables: 4, portionTables: 0 },
  ]);
  for (let call = 0; call < 60; call++) {
    const temperature = TEMPERATURES[call % TEMPERATURES.length] as number;
    const given = { ...FILTERS[Math.floor(call / 3) % FILTERS.length], temperature };
    expect(answersOf(narrow.index, call, given)).toEqual(answersOf(wide.index, call, given));
  }
  await expect(open(file, { maxBytes: totalBytes / 2 })).rejects.toThrow(/index needs .* MiB, limit is .* MiB/);
});
