import { describe, expect, test } from "vitest";
import { applyChanges } from "../../src/changes/index.ts";
import { driftIn } from "../../src/cli/drift/service-drift.ts";
import { realStatistics } from "../../src/internal.ts";
import { BandedDrift } from "../../worker/telemetry/banded-drift.ts";
import { Drift } from "../../worker/telemetry/drift.ts";
import { dueBy, dueWithChanges } from "../../worker/telemetry/upkeep.ts";
import { banded, DIM, fileOf, ITEMS, indexOf, queriesOfKind, serviceOf } from "./drift-case.ts";

const file = await fileOf();
const index = await indexOf(file);

/** The findings of a fresh service after these queries. */
async function foundAfter(queries: Float32Array, served = index, watchDrift = banded) {
  const service = serviceOf(served, watchDrift);
  await service.ask(queries);
  return driftIn(await service.metrics());
}

/** The places of the drift that is beyond four of its errors. */
const far = ({ drifts }: Awaited<ReturnType<typeof foundAfter>>): string[] =>
  drifts.flatMap(({ band, measure, drift, error }) =>
    band === "all" && Math.abs(drift) >= 4 * error ? [measure] : [],
  );

describe("a fresh service", () => {
  test("finds nothing due in a hundred answers to the queries of its build's kind", async () => {
    for (const seed of [11, 12, 13]) {
      const found = await foundAfter(queriesOfKind(100, seed));
      expect(found, `${seed}`).toMatchObject({ due: "nothing" });
      expect(far(found)).toEqual([]);
    }
  });

  test("reads the statistics of the file as they are, though changes have moved its tensors", async () => {
    const changed = await indexOf(file);
    const read = () =>
      (["values", "bands"] as const).map((name) => [...new Uint8Array(realStatistics(changed, name) ?? [])]);
    const before = read();
    expect(before.map((bytes) => bytes.length > 0)).toEqual([true, true]);
    applyChanges(changed, { removals: ["item 3"] });
    applyChanges(changed, { upserts: { labels: ["new"], rows: changed.rows([5]), biases: [0] } });
    expect(read()).toEqual(before);
    changed.dispose();
  });

  test("raises no alarm over ten answers", () => {
    const queries = queriesOfKind(3000, 17);
    const dues = Array.from({ length: 300 }, (_, i) => {
      const watch = new BandedDrift({ index, version: "" });
      for (let row = 10 * i; row < 10 * i + 10; row++) {
        const { ids, ...answer } = index.predict(queries.subarray(row * DIM, (row + 1) * DIM), 1);
        watch.observe({ ...answer, ids: Array.from(ids) }, {});
      }
      return watch.due;
    });
    expect(dues.filter((due) => due !== "nothing")).toEqual([]);
  });

  test.each([
    ["half as large", () => queriesOfKind(100, 11).map((value) => value / 2)],
    ["twice as large", () => queriesOfKind(100, 11).map((value) => 2 * value)],
    ["those of a model with other axes", () => exchanged(queriesOfKind(100, 11))],
  ])("sees within a hundred answers that queries are %s", async (_, queries) => {
    const found = await foundAfter(queries());
    expect(found.due).toBe("rebuild");
    expect(far(found)).not.toEqual([]);
  });

  test("sees that its best classes are gone", async () => {
    const queries = queriesOfKind(100, 11);
    const changed = await indexOf(file);
    const best = new Set(
      Array.from({ length: 100 }, (_, i) => bestOf(queries.subarray(i * DIM, (i + 1) * DIM))).flat(),
    );
    applyChanges(changed, { removals: Array.from(best, (id) => `item ${id}`) });
    expect(best.size).toBeLessThan(ITEMS / 2);
    expect(far(await foundAfter(queries, changed))).toContain("log_partition");
    changed.dispose();
  });

  test("that is born after a drift sees it, also as a Worker, which watches log Z alone", async () => {
    const queries = queriesOfKind(100, 11).map((value) => 2 * value);
    const service = serviceOf(index);
    await service.ask(queries);
    const found = driftIn(await service.metrics());
    expect(found.due).toBe("rebuild");
    expect(found.drifts).toHaveLength(1);
    const [banded] = (await foundAfter(queries)).drifts;
    expect(found.drifts[0]?.drift).toBeCloseTo(banded?.drift as number, 12);
  });

  test("compares with its own first answers if the build had stand-ins alone", async () => {
    const without = await indexOf(await fileOf({}));
    const service = serviceOf(without, banded);
    const vectors = Array.from({ length: 100 }, (_, i) => Array.from(queriesOfKind(1, i)));
    const batch = () => service.post("/v1/predict", { vectors, k: 1 });
    for (let i = 0; i < 9; i++) await batch();
    await expect(async () => driftIn(await service.metrics())).rejects.toThrow("expected a service that has answered");
    await batch();
    expect(driftIn(await service.metrics())).toMatchObject({ due: "nothing", drifts: [{ drift: 0 }] });
    without.dispose();
  });
});

const bestOf = (query: Float32Array): number[] => Array.from(index.topK(query, 20, { exact: true }).ids);

/** Exchanges the places of the values of each query. */
const exchanged = (queries: Float32Array): Float32Array =>
  queries.map((_, i) => queries[i - (i % DIM) + ((3 * (i % DIM) + 1) % DIM)] as number);

test("the worth of a draw and the head's share count for calls by default alone", async () => {
  const service = serviceOf(index, banded);
  await service.ask(queriesOfKind(40, 11), { draws: 20, scan: 10 });
  await service.ask(queriesOfKind(40, 11), { scan: 1024 }); // it is not tried again
  await service.post("/v1/predict", { vector: Array.from(queriesOfKind(1, 11)), temperature: 9 });
  expect(await service.metrics()).not.toMatch(/midx_drift\{.*(ess|head)_share"/);
  expect(driftIn(await service.metrics()).drifts.map(({ measure }) => measure)).toContain("log_partition");
  await service.ask(queriesOfKind(1, 11));
  expect(await service.metrics()).toMatch(/midx_drift\{.*band="all",measure="ess_share"\}/);
});

test("less worth of a draw asks for other codes, and more of it for other codewords", () => {
  const dueAt = (worth: number) => {
    const drift = (recent: number) => ({ value: (recent - 0.9) / 0.1, error: 0.1, mean: 0.9, recent });
    return dueBy([{ value: 0.5, error: 0.1, mean: 10, recent: 10 }, drift(worth), drift(0.9)]);
  };
  expect([0.9, 0.83, 0.8, 0.65, 0.55, 0.2].map(dueAt)).toEqual([
    ...["nothing", "nothing", "reassign", "reassign", "relearn", "relearn"],
  ]);
  expect(dueWithChanges("nothing", { rowCount: 201, maxDelta: 400 })).toBe("reassign");
  expect(dueWithChanges("nothing", { rowCount: 200, maxDelta: 400 })).toBe("nothing");
  expect(dueWithChanges("rebuild", { rowCount: 400, maxDelta: 400 })).toBe("rebuild");
  expect(dueWithChanges(undefined, undefined)).toBeUndefined();
});

test("one odd query among ten is no drift, and among forty answers that all moved there is one", () => {
  const [logPartition, worth, headShare] = [new Drift(100, 0, 1), new Drift(100, 0.9, 0.1), new Drift(100, 0.9, 0.1)];
  for (const value of [16, 0, 0, 0, 0, 0, 0, 0, 0, 0]) logPartition.observe(value);
  expect(logPartition.value).toBeCloseTo(1.6, 12);
  expect(dueBy([logPartition, worth, headShare])).toBe("nothing");
  for (let i = 0; i < 30; i++) logPartition.observe(1.6);
  expect(logPartition.value).toBeCloseTo(1.6, 12);
  expect(dueBy([logPartition, worth, headShare])).toBe("rebuild");
});
