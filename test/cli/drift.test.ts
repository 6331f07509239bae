import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { encodeChanges } from "../../src/changes/index.ts";
import { load } from "../../src/index.ts";
import { banded, DIM, fileOf, ITEMS, indexOf, queriesOfKind, serviceOf } from "../drift/drift-case.ts";
import { randomRows } from "../train/rows.ts";
import { bytesOf, npyBytes, npyLiteral } from "./files.ts";
import { midx } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "midx-drift-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const writeQueries = (name: string, queries: Float32Array): string => {
  writeFileSync(at(name), npyBytes(npyLiteral("<f4", `(${queries.length / DIM}, ${DIM})`), bytesOf(queries)));
  return at(name);
};

let same: string;
let larger: string;
beforeAll(async () => {
  writeFileSync(at("a.midx"), await fileOf());
  writeFileSync(at("stand-ins.midx"), await fileOf({}));
  same = writeQueries("same.npy", queriesOfKind(100, 11));
  larger = writeQueries(
    "larger.npy",
    queriesOfKind(100, 11).map((value) => 2 * value),
  );
});
afterEach(() => {
  vi.restoreAllMocks();
});

const driftOf = async (...argv: string[]) => JSON.parse((await midx(["drift", ...argv, "--json"])).stdout);

describe("midx drift of a file", () => {
  test("says what is due, and why", async () => {
    expect(await driftOf(at("a.midx"), "--queries", same)).toMatchObject({ due: "nothing", queryCount: 100 });
    const { code, stdout, stderr } = await midx(["drift", at("a.midx"), "--queries", larger]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^due +rebuild\nbecause +log Z has moved by \d\.\d\d ± 0\.4\d/);
    expect(stdout).toMatch(/\nall +log_partition +\d\.\d\d +0\.4\d\n/);
  });

  test("says that few queries tell nothing", async () => {
    const few = await driftOf(at("a.midx"), "--queries", same, "--limit", "8");
    expect(few).toMatchObject({ due: "nothing", reason: expect.stringContaining("more queries are needed") });
  });

  test("tells the share of Z and the residual energy of changed rows", async () => {
    const file = readFileSync(at("a.midx"));
    const index = await load(file, { maxDelta: 100 });
    const labels = Array.from({ length: 100 }, (_, i) => `new ${i}`);
    const write = (name: string, rows: Float32Array): string => {
      const biases = new Float32Array(100).fill(4);
      writeFileSync(at(name), encodeChanges(index, { upserts: { labels, rows, biases } }));
      return at(name);
    };
    const alike = write("alike.midxd", index.rows(Int32Array.from({ length: 100 }, (_, i) => 19 * i + 7)));
    const others = write(
      "others.midxd",
      randomRows(100 * DIM, 77).map((value) => -4 * value ** 3),
    );
    const [known, strange] = [
      await driftOf(at("a.midx"), "--queries", same, "--changes", alike),
      await driftOf(at("a.midx"), "--queries", same, "--changes", others),
    ];
    expect(known.changes.rows).toBe(100);
    expect(known.changes.residualGrowth).toBeGreaterThan(0.7);
    expect(known.changes.residualGrowth).toBeLessThan(1.1);
    expect(known.changes.residualError).toBeLessThan(0.2);
    expect(strange.changes.residualGrowth).toBeGreaterThan(1.5);
    expect(["relearn", "rebuild"]).toContain(strange.due);
    const changed = await indexOf(file);
    const { applyChanges } = await import("../../src/changes/index.ts");
    applyChanges(changed, readFileSync(alike));
    const ids = Int32Array.from({ length: 100 }, (_, i) => ITEMS + i);
    const queries = queriesOfKind(100, 11);
    const shares = Array.from({ length: 100 }, (_, i) => {
      const query = queries.subarray(i * DIM, (i + 1) * DIM);
      const of = (options: object) => changed.logPartition(query, { exact: true, ...options }).logPartition;
      return 1 - Math.exp(of({ exclude: ids }) - of({}));
    });
    expect(known.changes.share).toBeCloseTo(shares.reduce((a, b) => a + b, 0) / 100, 2);
    expect(known.changes.share).toBeGreaterThan(0.05);
    const removed = at("removed.midxd");
    writeFileSync(removed, encodeChanges(changed, { removals: labels.slice(0, 40) }, { after: 1, sequence: 2 }));
    const fewer = await driftOf(at("a.midx"), "--queries", same, "--changes", alike, "--changes", removed);
    expect(fewer.changes.rows).toBe(60);
    expect(fewer.changes.share).toBeLessThan(known.changes.share);
  });

  test("does not take one odd row for a drift", async () => {
    const index = await indexOf(readFileSync(at("a.midx")));
    const growths: number[] = [];
    for (let id = 0; id < ITEMS; id += Math.floor(ITEMS / 12)) {
      const upserts = { labels: ["a copy"], rows: index.rows([id]), biases: [0] };
      writeFileSync(at("copy.midxd"), encodeChanges(index, { upserts }));
      const { due, changes } = await driftOf(at("a.midx"), "--queries", same, "--changes", at("copy.midxd"));
      expect({ id, due }).toEqual({ id, due: "nothing" });
      growths.push(changes.residualGrowth);
    }
    expect(Math.max(...growths)).toBeGreaterThan(1.1);
  });

  test("needs queries, and statistics of real ones, which midx calibrate measures", async () => {
    expect(await midx(["drift", at("a.midx")])).toMatchObject({
      code: 2,
      stderr: "error: 'midx drift' expected '--queries' beside an index file\n",
    });
    const without = await midx(["drift", at("stand-ins.midx"), "--queries", same]);
    expect(without).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        "<index> expected statistics of real queries in the file, got none: run midx calibrate --queries",
      ),
    });
    await midx(["calibrate", at("stand-ins.midx"), "--queries", same, "-o", at("calibrated.midx")]);
    expect(await driftOf(at("calibrated.midx"), "--queries", same)).toMatchObject({ due: "nothing" });
    expect(await driftOf(at("calibrated.midx"), "--queries", larger)).toMatchObject({ due: "rebuild" });
    const bands = (await driftOf(at("calibrated.midx"), "--queries", same)).drifts.map(
      ({ band }: { band: string }) => band,
    );
    expect(new Set(bands).size).toBeGreaterThan(2); // by the biases of the file
  });
});

describe("midx drift of a service", () => {
  test("reads its metrics, with the token of the environment", async () => {
    const service = serviceOf(await indexOf(readFileSync(at("a.midx"))), banded);
    await service.ask(queriesOfKind(100, 11).map((value) => 2 * value));
    const metrics = await service.metrics();
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
      const isKnown = new Headers(init?.headers).get("authorization") === "Bearer secret";
      expect(String(url)).toBe("https://words.example/metrics");
      return isKnown ? new Response(metrics) : new Response("", { status: 401 });
    });
    const { code, stdout } = await midx(["drift", "https://words.example/"], { env: { MIDX_TOKEN: "secret" } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^due +rebuild\n/);
    expect(await midx(["drift", "https://words.example/"])).toMatchObject({
      code: 1,
      stderr: "error: https://words.example/metrics: expected metrics, got 401: set MIDX_TOKEN to its token\n",
    });
    expect(fetched).toHaveBeenCalledTimes(2);
    expect(await midx(["drift", "https://words.example/", "--queries", same])).toMatchObject({ code: 2 });
    expect(await midx(["drift", "https://words.example/", "--limit", "10"])).toMatchObject({ code: 2 });
  });

  test("says that changes fill their room of one that has not answered, without a table of drifts", async () => {
    const samples = ['midx_index_info{version="a"} 1', 'midx_upkeep_due{version="a",due="reassign"} 1'];
    const metrics = [...samples, 'midx_delta_filled{version="a"} 0.75', ""].join("\n");
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(metrics));
    const { code, stdout } = await midx(["drift", "https://words.example/"]);
    expect([code, stdout.split("\n").map((line) => line.split(" ")[0])]).toEqual([
      0,
      ["due", "because", "version", ""],
    ]);
  });
});
