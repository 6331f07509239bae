import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { driftIn } from "../../src/cli/drift/service-drift.ts";
import { liveApp } from "../../src/cli/hosting/live-app.ts";
import { routerApp } from "../../src/cli/hosting/manifest-apps.ts";
import { manifestFile } from "../../src/cli/hosting/manifest-publisher.ts";
import { type Manifest, manifestIn, sealManifest, serialiseManifest } from "../../src/publication/manifest.ts";
import { carriedStatistics } from "../../src/publication/merged-statistics.ts";
import { liveSettingsOf } from "../../worker/live/live-settings.ts";
import { bias, DIM, data, ITEMS, queriesOfKind } from "../drift/drift-case.ts";
import { MemoryLog } from "../live/log/memory-log.ts";
import { hostOf, partHost, router } from "../router/in-process.ts";
import { randomRows } from "../train/rows.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral } from "./files.ts";
import { startFiles } from "./remote/file-server.ts";
import { midx } from "./run.ts";
import { fail, succeed } from "./tasks/words.ts";

const root = mkdtempSync(join(tmpdir(), "midx-drift-parts-"));
afterAll(() => rmSync(root, { recursive: true }));
const write = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(root, name), bytes);
  return join(root, name);
};
const npy = (name: string, values: Float32Array, shape: string): string =>
  write(name, npyBytes(npyLiteral("<f4", shape), bytesOf(values)));
const queryFile = (name: string, queries: Float32Array) => npy(name, queries, `(${queries.length / DIM}, ${DIM})`);
const doubled = (queries: Float32Array) => queries.map((value) => 2 * value);

let measured: string;
let standIns: string;
let same: string;
let larger: string;
beforeAll(async () => {
  const labels = write("labels.txt", Array.from(bias, (_, id) => `item ${id}\n`).join(""));
  const settings = ["--bias", npy("bias.npy", bias, `(${ITEMS},)`), "--labels", labels, "--parts", "2"];
  [same, larger] = [
    queryFile("same.npy", queriesOfKind(100, 11)),
    queryFile("larger.npy", doubled(queriesOfKind(100, 11))),
  ];
  const rows = npy("rows.npy", data, `(${ITEMS}, ${DIM})`);
  const build = async (name: string, ...more: string[]): Promise<string> => {
    await succeed("build", rows, ...settings, "--calibrate", "quick", ...more, "-o", join(root, name));
    return join(root, name, "manifest.json");
  };
  measured = await build("measured", "--queries", queryFile("of-build.npy", queriesOfKind(100, 1)));
  standIns = await build("stand-ins");
});

const driftOf = async (manifest: string, queries: string) =>
  JSON.parse(await succeed("drift", manifest, "--queries", queries, "--json"));
const read = (path: string): Promise<Manifest> => manifestIn(readFileSync(path));

describe("midx drift of a manifest", () => {
  test("compares merged answers with those to the queries of the build, by band", async () => {
    expect((await read(measured)).statistics).toMatchObject({ source: "queries", queryCount: 100 });
    expect((await read(standIns)).statistics).toBeUndefined();
    const found = await driftOf(measured, same);
    expect(found).toMatchObject({ due: "nothing", queryCount: 100 });
    expect(new Set(found.drifts.map(({ band }: { band: string }) => band)).size).toBeGreaterThan(2);
    expect(await driftOf(measured, larger)).toMatchObject({ due: "rebuild" });
    const shown = await succeed("inspect", measured);
    expect(shown).toMatch(/calibration +dispersion-5, on 100 queries, factor \d\.\d\d, coverage \d+\.\d %/);
    expect(shown).toMatch(/statistics +100 queries: log Z \d+\.\d+ ± \d+\.\d+, ESS per draw/);
    expect(await fail(2, "drift", standIns, "--queries", same)).toContain("run midx calibrate --queries");
  });

  test("reads a manifest at a URL, which is not taken for a service", async () => {
    const folder = dirname(measured);
    const names = readdirSync(folder).filter((name) => /\.(?:json|midx)$/.test(name));
    const server = await startFiles(Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))])));
    expect(await driftOf(`${server.url}/manifest.json`, same)).toEqual(await driftOf(measured, same));
    expect(await fail(2, "drift", server.url, "--queries", same)).toContain("got the address of a service");
  });

  test("has its reference from midx calibrate, which leaves the parts as they are", async () => {
    const output = join(dirname(standIns), "calibrated.json");
    const before = await read(standIns);
    expect(await succeed("calibrate", standIns, "--queries", same, "-o", output)).toMatch(
      /\nversion +[0-9a-f]{12}-[0-9a-f]{8}\n/,
    );
    const after = await read(output);
    expect(after.parts).toEqual(before.parts);
    expect(after.calibration).toMatchObject({ source: "queries", queryCount: 100 });
    expect(await driftOf(output, same)).toMatchObject({ due: "nothing" });
    expect(await driftOf(output, larger)).toMatchObject({ due: "rebuild" });
    // Another version, so that it is published although its parts are.
    const place = join(makeFolder(), "public");
    await succeed("publish", standIns, "--folder", place, "--force");
    await succeed("publish", output, "--folder", place, "--force");
    const current = join(place, "current.json");
    expect(await read(current)).toMatchObject({ version: after.version, statistics: after.statistics });
    expect(await fail(2, "calibrate", current, "--queries", same)).toContain(
      "current.json is published: pass '--output'",
    );
    const elsewhere = join(makeFolder(), "other.json");
    expect(await fail(2, "calibrate", standIns, "--queries", same, "-o", elsewhere)).toContain("beside the parts");
  });

  test("tells the share of Z and the residual energy of changed rows in all parts", async () => {
    const labels = write("new.txt", Array.from({ length: 100 }, (_, i) => `new ${i}\n`).join(""));
    const biases = npy("high.npy", new Float32Array(100).fill(4), "(100,)");
    const driftWith = async (name: string, rows: Float32Array, ...removals: string[]) => {
      const changes = join(root, `${name}.midxd`);
      const table = npy(`${name}.npy`, rows, `(100, ${DIM})`);
      await succeed("changes", measured, table, "--labels", labels, "--bias", biases, ...removals, "-o", changes);
      return JSON.parse(await succeed("drift", measured, "--queries", same, "--changes", changes, "--json"));
    };
    const copies = Float32Array.from({ length: 100 * DIM }, (_, i) => {
      const row = 19 * Math.floor(i / DIM) + 7;
      return data[row * DIM + (i % DIM)] as number;
    });
    const known = await driftWith("alike", copies);
    const others = randomRows(100 * DIM, 77).map((value) => -4 * value ** 3);
    const strange = await driftWith("others", others, "--removals", write("gone.txt", "item 3\nitem 900\n"));
    expect([known.changes.rows, strange.changes.rows]).toEqual([100, 100]);
    expect(known.changes.share).toBeGreaterThan(0.05);
    expect(known.changes.residualGrowth).toBeGreaterThan(0.7);
    expect(known.changes.residualGrowth).toBeLessThan(1.1);
    expect(strange.changes.residualGrowth).toBeGreaterThan(1.5);
    expect(["relearn", "rebuild"]).toContain(strange.due);
  });

  test("refuses to compare the answers of no classes", async () => {
    const changes = join(root, "all-gone.midxd");
    await succeed("changes", measured, "--removals", join(root, "labels.txt"), "-o", changes);
    const refused = await fail(2, "drift", measured, "--queries", same, "--changes", changes);
    expect(refused).toContain("<index> expected at least one class to answer queries with, got none");
  });

  test("says that a reference was carried over", async () => {
    const carried = join(dirname(measured), "carried.json");
    const { generation: _, statistics, ...rest } = await read(measured);
    const marked = { ...rest, statistics: carriedStatistics(statistics as NonNullable<typeof statistics>) };
    writeFileSync(carried, serialiseManifest(await sealManifest(marked)));
    expect(await driftOf(carried, same)).toMatchObject({ due: "nothing", reference: "carried" });
    expect((await midx(["drift", carried, "--queries", same])).stdout).toMatch(/compared with +an older version/);
  });
});

describe("midx serve of a manifest", () => {
  const serving = (path: string) => ({ path, refreshSeconds: undefined, digest: undefined });
  const local = (path: string) => routerApp(serving(path), { origins: undefined, groups: undefined, token: undefined });
  const live = (path: string) =>
    liveApp({ ...serving(path), isManifest: true, log: new MemoryLog(), live: liveSettingsOf({ maxDelta: 10 }) });

  /** The findings of a fresh service after 60 queries that are twice as large as those of the build. */
  async function foundBy(app: Pick<Hono, "request">) {
    const queries = doubled(queriesOfKind(60, 11));
    const vectors = Array.from({ length: 60 }, (_, i) => Array.from(queries.subarray(i * DIM, (i + 1) * DIM)));
    const body = JSON.stringify({ vectors, k: 1 });
    const request = { method: "POST", headers: { "content-type": "application/json" }, body };
    const env = { incoming: { socket: { remoteAddress: "reader" } } };
    expect((await app.request("/v1/predict", request, env)).status).toBe(200);
    return driftIn(await (await app.request("/metrics", {}, env)).text());
  }

  test.each([
    ["that takes no changes", local],
    ["that takes changes", live],
  ])("%s: gauges by band compare with the manifest from the first answers on", async (_, appOf) => {
    const found = await foundBy(appOf(measured));
    expect(found.due).toBe("rebuild");
    expect(new Set(found.drifts.map(({ band }) => band)).size).toBeGreaterThan(2);
  });

  test("by a router of parts elsewhere, which watches log Z alone", async () => {
    const published = manifestFile(measured);
    const { app } = router(published, ({ numbers: [number = 0] }) => [hostOf(partHost(published, number))]);
    const found = await foundBy(app);
    expect(found.due).toBe("rebuild");
    expect(found.drifts).toMatchObject([{ band: "all", measure: "log_partition" }]);
  });
});
