import { afterAll, describe, expect, test, vi } from "vitest";
import { applyChanges, type ChangeSet, savedChanges } from "../../src/changes/index.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { load } from "../../src/index.ts";
import { threads } from "../../src/threads/index.ts";
import { ThreadPool } from "../../src/threads/thread-pool.ts";
import type { BuildOptions } from "../../src/train/index.ts";
import { callsOver } from "../fixtures/batch-calls.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { EVERY } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { randomRows } from "../train/rows.ts";
import { openThreaded } from "./open-threaded.ts";

// Threads read rows that changes have added with the others, in tensors that changes have moved.

/** Two blocks of rows and a part of one, and changes that fill another block. */
const [N, DIM, ADDED, QUERIES] = [2500, 9, 1200, 5];
const labels = Array.from({ length: N }, (_, id) => `item ${id}`);
const queries = randomRows(QUERIES * DIM, 2).map((value, i) => value * (Math.floor(i / DIM) % 2 ? 6 : 0.5));

const INDEXES: Readonly<Record<string, BuildOptions>> = {
  "f32 rows, cosine": { rowType: "f32", metric: "cosine" },
  "f16 rows with fine codes": { rowType: "f16", fineCodes: true },
  "int8 rows with biases": { rowType: "i8", bias: randomRows(N, 3) },
  "int8 rows with residuals": { rowType: "i8", residuals: true },
};

const SETS: readonly ((hasBias: boolean) => ChangeSet)[] = [
  (hasBias) =>
    upserts(
      Array.from({ length: ADDED }, (_, i) => `new ${i}`),
      7,
      hasBias,
    ),
  (hasBias) => ({
    ...upserts(["item 3", "item 2400", "new 1"], 8, hasBias),
    removals: ["item 7", "new 5", "item 1030"],
  }),
];

const upserts = (names: readonly string[], seed: number, hasBias: boolean): ChangeSet => {
  const rows = randomRows(names.length * DIM, seed);
  return { upserts: { labels: names, rows, ...(hasBias && { biases: names.map((_, i) => (i % 9) / 9) }) } };
};

const conditionsOf = (last: number): Readonly<Record<string, object>> => ({
  "no conditions": {},
  "a filter and a temperature": { exclude: Array.from({ length: N / 2 }, (_, i) => 2 * i), temperature: 0.7 },
  "changed logits": { bias: { ids: [3, last, 40], values: [9, -2, Number.NEGATIVE_INFINITY] } },
});

const CALLS = Object.entries(callsOver(N)).filter(([name]) => /exact|certain|auto|all|logPartition|minP/.test(name));
const answersOf = (index: MultiIndex, calls: typeof CALLS, conditions: object): Record<string, unknown> =>
  Object.fromEntries(
    calls.map(([name, call]) => [
      name,
      [call(index, queries.subarray(0, DIM), conditions), call(index, queries, { ...conditions, batch: QUERIES })],
    ]),
  );

const run = vi.spyOn(ThreadPool.prototype, "run");
afterAll(() => run.mockRestore());

describe.each(Object.entries(INDEXES))("%s", (name, options) => {
  const building = buildIndex(
    { data: randomRows(N * DIM, 1), shape: [N, DIM] },
    { bits: 3, seed: 1, labels, ...options },
  );
  const limits = { maxDelta: ADDED + 40, maxK: 64, maxBatch: QUERIES };

  test.each(EVERY ? [2, 3] : [Object.keys(INDEXES).indexOf(name) % 2 === 0 ? 2 : 3])(
    "%i threads answer as one does, before and after changes",
    async (count) => {
      const { index } = await openThreaded(await building, count, { limits });
      const alone = (await open(await building, limits)).index;
      for (const set of [undefined, ...SETS]) {
        if (set) {
          const changes = set("bias" in options);
          expect(applyChanges(index, changes)).toEqual(applyChanges(alone, changes));
        }
        for (const [kind, conditions] of inTurn(Object.entries(conditionsOf(index.info.itemCount - 1)), 2, name)) {
          const calls = inTurn(CALLS, 2, kind);
          expect(answersOf(index, calls, conditions), kind).toEqual(answersOf(alone, calls, conditions));
        }
        expect(run.mock.calls.length).toBeGreaterThan(0);
        expect(run.mock.calls.every(([{ itemCount }]) => itemCount >= N + (set ? ADDED - 1 : 0))).toBe(true);
        run.mockClear();
      }
      expect(savedChanges(index)).toEqual(savedChanges(alone));
      index.dispose();
    },
  );
});

test("load takes threads and room for changes together", async () => {
  const file = await buildIndex(
    { data: randomRows(40_000 * 16, 1), shape: [40_000, 16] },
    { bits: 4, seed: 1, labels: Array.from({ length: 40_000 }, (_, id) => `é ${id}`) },
  );
  const [together, alone] = [await load(file, { threads: threads(2), maxDelta: 3 }), await load(file, { maxDelta: 3 })];
  const ask = (index: MultiIndex): unknown => index.topK(randomRows(16, 2), 10, { exact: true });
  for (const index of [together, alone]) {
    applyChanges(index, { upserts: { labels: ["ü"], rows: randomRows(16, 2) }, removals: ["é 9"] });
  }
  expect(ask(together)).toEqual(ask(alone));
  expect(together.labels([40_000])).toEqual(["ü"]);
  together.dispose();
});
