import { expect, test } from "vitest";
import { candidateOf } from "../../src/cli/policy/candidate.ts";
import { readQueries } from "../../src/cli/policy/inputs.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";
import { userOf } from "./shop.ts";

// midx report compares two catalogues by one log. Their classes have the same labels, but not the same ids.

const COUNT = 60;
const vector = userOf(1);
const dim = vector.length;
const rows = randomRows(COUNT * dim, 50);

/** An index of the classes of these labels, in this order. */
async function indexOf(labels: readonly number[]): Promise<MultiIndex> {
  const data = Float32Array.from(labels.flatMap((label) => [...rows.subarray(label * dim, (label + 1) * dim)]));
  const names = labels.map((label) => `item ${label}`);
  return load(
    await buildIndex(
      { data, shape: [labels.length, dim] },
      { bits: 3, rowType: "f32", seed: 1, labels: names, columns: { size: { type: "number", values: [...labels] } } },
    ),
  );
}

const first = await indexOf(Array.from({ length: COUNT }, (_, id) => id));
const turned = await indexOf(Array.from({ length: COUNT }, (_, id) => COUNT - 1 - id));
/** Lacks the first ten classes, and so all ids are others. */
const later = await indexOf(Array.from({ length: COUNT - 10 }, (_, id) => id + 10));

const BITMAP = { bitmap: Buffer.from(Uint8Array.from({ length: 8 }, (_, i) => (i < 7 ? 0b10101011 : 0b1011))) };

async function logsBy(index: MultiIndex, conditions: object, ids: readonly number[]): Promise<number[]> {
  const line = JSON.stringify({ requestId: "x", vector: [...vector], ...conditions });
  const [query] = (await readQueries([line], "q", first.info)).values();
  const candidate = candidateOf(index, { policy: "softmax", idsOf: first });
  const place = { file: "l", line: 1, value: {} };
  const named = { place, ids, labels: ids.map((id) => `item ${id}`) };
  return Array.from(await candidate.logProbabilities(named, query as NonNullable<typeof query>));
}

const drawn = [12, 20, 33, 41, 58];

test.each<[name: string, conditions: object]>([
  ["no classes", {}],
  ["excluded classes", { exclude: [0, 3, 12, 13, 40, 59] }],
  ["allowed classes", { allow: [1, 12, 20, 21, 41, 42, 58] }],
  ["a bitmap", { allow: { bitmap: BITMAP.bitmap.toString("base64") } }],
  ["a bias", { bias: { ids: [2, 12, 33, 50], values: [9, 1.5, "-Infinity", -2] } }],
  ["a history", { history: [4, 20, 33, 20], presencePenalty: 1, frequencyPenalty: 0.5 }],
  ["a filter", { filter: { size: { $gte: 20 } }, exclude: [41] }],
])("conditions with %s are about the same classes in both indexes", async (_, conditions) => {
  const [own, other] = [await logsBy(first, conditions, drawn), await logsBy(turned, conditions, drawn)];
  expect(other.map((log) => log.toFixed(5))).toEqual(own.map((log) => log.toFixed(5)));
});

test("classes that the other index lacks are left out", async () => {
  const seen = { exclude: [0, 3, 12, 13, 59], bias: { ids: [2, 33], values: [9, 1.5] }, history: [4, 20] };
  const conditions = { ...seen, presencePenalty: 1 };
  // As if the first index lacked its first ten classes, too.
  const without = { ...conditions, exclude: [...Array.from({ length: 10 }, (_, id) => id), 12, 13, 59] };
  const [own, other] = [await logsBy(first, without, drawn), await logsBy(later, conditions, drawn)];
  expect(other.map((log) => log.toFixed(5))).toEqual(own.map((log) => log.toFixed(5)));
});

test("an index that has none of the allowed classes draws none", async () => {
  expect(await logsBy(later, { allow: [1, 2] }, [12, 20])).toEqual([
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]);
});
