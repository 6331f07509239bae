import type { Hono } from "hono";
import { expect, test } from "vitest";
import { sha256 } from "../../src/bytes/sha256.ts";
import { load } from "../../src/index.ts";
import { compileInlined } from "../../src/memory/compile-inlined.ts";
import { sealManifest } from "../../src/publication/manifest.ts";
import { statisticsValues } from "../../src/publication/merged-statistics.ts";
import { calibrateParts } from "../../src/train/calibration/calibrate-parts.ts";
import { startYielding } from "../../src/train/runtime/event-loop.ts";
import type { PartHost } from "../../worker/router/part-hosts.ts";
import { SeenBands } from "../../worker/router/seen-bands.ts";
import { BandedDrift } from "../../worker/telemetry/banded-drift.ts";
import { banded, bias, DIM, data, ITEMS, queriesOfKind } from "../drift/drift-case.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf } from "./parted-files.ts";

// Only a part knows the popularity of its classes. Answers of parts elsewhere say the band of their best class.

const SIZES = [600, 900, 500];
const begins = SIZES.map((_, i) => SIZES.slice(0, i).reduce((sum, size) => sum + size, 0));
expect(begins.at(-1)).toBe(ITEMS - 500);
/** Every part has some of the most popular classes. */
const mixed = bias.map((_, id) => bias[(id * 7) % ITEMS] as number);
const files = await Promise.all(
  begins.map((first, part) => {
    const end = first + (SIZES[part] as number);
    const rows = { data: data.slice(first * DIM, end * DIM), shape: [end - first, DIM] } as const;
    return buildIndex(rows, { seed: 1, calibrate: "quick", bias: mixed.slice(first, end) });
  }),
);
const indexes = await Promise.all(files.map((file) => load(file)));

const measured = await calibrateParts(
  files.map((file, number) => ({
    ...{ number, before: begins[number] as number, classes: SIZES[number] as number },
    use: <Result>(action: (bytes: Uint8Array<ArrayBuffer>) => Promise<Result>) => action(file),
  })),
  { modules: await compileInlined(), dim: DIM, queries: queriesOfKind(100, 1), yieldIfDue: startYielding(undefined) },
  { effort: "quick", metric: "dot", isReal: true },
);

const manifest = await sealManifest({
  ...{ version: "one", classes: ITEMS, facts: { dim: DIM, metric: "dot", hasLabels: false } },
  ...{ recallCurves: null, calibration: measured.calibration ?? null, log: null },
  ...(measured.statistics && { statistics: measured.statistics }),
  parts: await Promise.all(
    files.map(async (file, number) => ({
      ...{ number, file: `${number}.midx`, sha256: await sha256(file), byteLength: file.byteLength },
      ...{ classes: SIZES[number] as number, idBase: begins[number] as number },
      memoryBytes: indexes[number]?.info.memoryBytes as number,
    })),
  ),
});
const shelf = new ManifestShelf();
shelf.publish({ manifest, files, whole: new Uint8Array(0) });

const hosts = SIZES.map((_, number) => hostOf(partHost(shelf, number)));
const over = (own: readonly PartHost[], options = {}): Hono =>
  router(shelf, ({ place }) => [own[place] as PartHost], { watchDrift: banded, ...options }).app;
const byNumber = (own: readonly PartHost[]): Hono =>
  router(shelf, ({ numbers: [number = 0] }) => [own[number] as PartHost]).app;

/** The band of a class by the rank of its bias within its part, as its place among head, torso and tail. */
function bandOf(id: number): number {
  const part = begins.findLastIndex((first) => first <= id);
  const [first, size] = [begins[part] as number, SIZES[part] as number];
  const rank = mixed.slice(first, first + size).filter((other) => other > (mixed[id] as number)).length;
  return rank < Math.ceil(size / 100) ? 1 : rank < Math.ceil(size / 10) ? 2 : 3;
}

/** Hosts of an earlier version, or a proxy that drops headers. */
const withoutBands: readonly PartHost[] = hosts.map(({ fetch }) => ({
  fetch: async (request) => {
    const response = await fetch(request);
    const headers = new Headers(response.headers);
    headers.delete("x-midx-bands");
    return new Response(response.body, { status: response.status, headers });
  },
}));

/** Asks with queries that differ from those of the build, and returns the gauges of drift beside those of an index in memory. */
async function gaugesOf(app: Hono): Promise<readonly [string[], string[]]> {
  const queries = queriesOfKind(60, 5);
  const statistics = {
    values: statisticsValues(manifest.statistics as NonNullable<typeof manifest.statistics>),
    bandOf,
  };
  const inMemory = new BandedDrift({ index: { statistics }, version: "one" });
  const asked = new Set<number>();
  for (let row = 0; row < 60; row++) {
    const vector = Array.from(queries.subarray(row * DIM, (row + 1) * DIM));
    const { status, answer } = await ask(app, "/v1/predict", { vector, k: 2, seed: row });
    expect(status, JSON.stringify(answer)).toBe(200);
    inMemory.observe(answer, {});
    asked.add(begins.findLastIndex((first) => first <= answer.ids[0]));
  }
  expect([...asked].sort()).toEqual([0, 1, 2]);
  const text = await (await app.request("/metrics")).text();
  const seen = text.match(/^midx_drift\{.*/gm) ?? [];
  const expected = inMemory.seen.map(
    ({ band, measure, drift }) => `midx_drift{version="one",band="${band}",measure="${measure}"} ${drift}`,
  );
  return [seen, expected];
}

test.each([
  ["parts elsewhere", () => over(hosts)],
  [
    "two parts behind a router, and another",
    () => over([hostOf(byNumber(hosts)), hosts[2] as PartHost], { groups: [2, 1] }),
  ],
  ["one router for all", () => over([hostOf(byNumber(hosts))], { groups: [3] })],
])("a router of %s has the gauges by band of an index in memory", async (_, app) => {
  const [seen, expected] = await gaugesOf(app());
  expect(seen).toEqual(expected);
  for (const band of ["all", "torso", "tail"]) expect(seen.join()).toContain(`band="${band}"`);
});

test("hosts that name no bands leave the gauges of all queries", async () => {
  const [seen, expected] = await gaugesOf(over(withoutBands));
  expect(seen).toEqual(expected.filter((line) => line.includes('band="all"')));
});

test("as many bands are kept as may be under way, and a header that does not fit is passed over", () => {
  const bands = new SeenBands();
  const best = (id: number) => ({ top: { ids: Int32Array.of(id, 7) } }) as never;
  bands.note([best(1), best(2), {} as never], "130");
  expect([1, 2, 3].map(bands.bandIn)).toEqual([1, 3, 0]);
  for (const header of [null, "", "12", "1234", "9"]) bands.note([best(4)], header);
  expect(bands.bandIn(4)).toBe(0);
  for (let id = 10; id < 1034; id++) {
    bands.note([best(1)], "1");
    bands.note([best(id)], "2");
  }
  expect([1, 2, 11, 1033].map(bands.bandIn)).toEqual([1, 0, 2, 2]);
});
