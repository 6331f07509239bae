import { expect, test } from "vitest";
import type { POLICIES } from "../../src/cli/policy/candidate.ts";
import { load } from "../../src/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";
import { logLine, userOf, valueFrom } from "./shop.ts";

// A line of --queries has the conditions that were sent, and the candidate is the softmax under them.

const COUNT = 60;
const vector = userOf(1);
const categories = Array.from({ length: COUNT }, (_, id) => ["shoes", "hats"][id % 2] as string);
const file = await buildIndex(
  { data: randomRows(COUNT * vector.length, 50), shape: [COUNT, vector.length] },
  {
    ...{ bits: 3, rowType: "f32", seed: 1 },
    columns: { category: { type: "string", values: categories } },
    namespaces: categories.map((_, id) => (id < 40 ? "north" : "south")),
  },
);
const index = await load(file);

/** The weight of one draw of a class with log Q of −1, by the conditions of its query. */
async function weightOf(
  id: number,
  conditions: object,
  policy: (typeof POLICIES)[number] = "softmax",
): Promise<number> {
  const files = {
    logs: [logLine("x", [id], [-1])],
    rewards: [JSON.stringify({ requestId: "x", id, reward: 1 })],
    queries: [JSON.stringify({ requestId: "x", vector: [...vector], ...conditions })],
  };
  return (await valueFrom(files, index, { policy, ...(policy !== "softmax" && { scan: 8 }) })).ips.mean;
}

const NO_NUMBER = { ids: [4, 6], values: [1.5, "-Infinity"] };

test.each<
  [name: string, conditions: object, kept: (id: number) => boolean, logit: (score: number, id: number) => number]
>([
  ["a filter", { filter: { category: "shoes" } }, (id) => id % 2 === 0, (score) => score],
  ["a namespace", { namespace: "north" }, (id) => id < 40, (score) => score],
  ["a bias", { bias: NO_NUMBER }, (id) => id !== 6, (score, id) => score + (id === 4 ? 1.5 : 0)],
  [
    "penalties",
    { history: [2, 4, 2], presencePenalty: 1, frequencyPenalty: 0.5 },
    () => true,
    (score, id) => score - (id === 2 ? 2 : id === 4 ? 1.5 : 0),
  ],
  [
    "a filter beside others",
    { filter: { category: "shoes" }, exclude: [8], bias: NO_NUMBER },
    (id) => id % 2 === 0 && id !== 8 && id !== 6,
    (score, id) => score + (id === 4 ? 1.5 : 0),
  ],
])("%s of a request is that of the candidate", async (_, conditions, kept, logit) => {
  const scores = index.score(
    vector,
    categories.map((_, id) => id),
  );
  const masses = Array.from(scores, (score, id) => (kept(id) ? Math.exp(logit(score, id)) : 0));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  for (const id of [2, 4]) {
    const weight = ((masses[id] as number) / total) * Math.E;
    expect(await weightOf(id, conditions)).toBeCloseTo(weight, 5);
    expect(await weightOf(id, conditions, "estimated")).toBeGreaterThan(0);
    expect(await weightOf(id, conditions, "sample")).toBeGreaterThan(0);
  }
});

test.each([
  [{ filter: { color: "red" } }, 'q:1: "filter.color" expected a column of the index: "category"'],
  [{ bias: { ids: [COUNT], values: [1] } }, 'q:1: "bias.ids"[0] expected an integer'],
  [{ namespace: 3 }, 'q:1: "namespace" expected'],
])("%j is refused by file, line and field", async (conditions, message) => {
  await expect(weightOf(2, conditions)).rejects.toThrow(message);
});

test("a bitmap of a request is that of the candidate", async () => {
  const bitmap = Uint8Array.from({ length: Math.ceil(COUNT / 8) }, () => 0b01010101);
  const even = categories.flatMap((_, id) => (id % 2 === 0 && id < COUNT ? [id] : []));
  const base64 = Buffer.from(bitmap).toString("base64");
  expect(await weightOf(4, { allow: { bitmap: base64 } })).toBe(await weightOf(4, { allow: even }));
  await expect(weightOf(4, { allow: { bitmap: "?" } })).rejects.toThrow('q:1: "allow.bitmap" expected base64');
  await expect(weightOf(4, { allow: { bitmap: "AA==" } })).rejects.toThrow('q:1: "allow.bitmap" expected');
});
