import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { routerApp } from "../../../src/cli/hosting/manifest-apps.ts";
import { manifestFile } from "../../../src/cli/hosting/manifest-publisher.ts";
import { type Manifest, manifestIn, sealManifest, serialiseManifest } from "../../../src/publication/manifest.ts";
import type { PartHost, RoutedParts } from "../../../worker/router/part-hosts.ts";
import { hostOf, partHost, router } from "../../router/in-process.ts";
import { EVERY } from "../../run/size.ts";
import { bytesOf, npyBytes, npyLiteral } from "../files.ts";
import { noise } from "../run.ts";
import { fail, succeed } from "../tasks/words.ts";

// Audits of a service of parts calibrate the manifest that it had.

const [ROWS, DIM] = [EVERY ? 2000 : 1200, 8];
/** From 100 on, audits make bars narrower, too. */
const AUDITS = 110;
const root = mkdtempSync(join(tmpdir(), "midx-audits-"));
afterAll(() => rmSync(root, { recursive: true }));
const makeFolder = () => mkdtempSync(join(root, "folder-"));
function write(name: string, content: Uint8Array | string): string {
  const path = join(makeFolder(), name);
  writeFileSync(path, content);
  return path;
}
const queryOf = (seed: number): Float32Array => noise(DIM, 900 + seed);
const read = (path: string): Promise<Manifest> => manifestIn(readFileSync(path));

async function built(...options: string[]): Promise<string> {
  const folder = join(makeFolder(), "words");
  const rows = write("rows.npy", npyBytes(npyLiteral("<f4", `(${ROWS}, ${DIM})`), bytesOf(noise(ROWS * DIM, 5))));
  await succeed("build", rows, "--bits", "4", "--parts", "3", ...options, "-o", folder);
  return join(folder, "manifest.json");
}

const request = (body: object) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
/** The address that `midx serve` takes from a connection. */
const env = { incoming: { socket: { remoteAddress: "reader" } } };

/** A service of all parts in one process that audits every estimate, as midx serve starts it. */
const served = (path: string, auditQueries?: true): Hono =>
  routerApp(
    { path, refreshSeconds: undefined, digest: undefined, auditRate: 1, auditQueries },
    { origins: undefined, groups: undefined, token: undefined },
  );

/** The audits of a service that has answered `count` queries, in a file. */
async function auditsOf(app: Hono, count: number): Promise<string> {
  for (let seed = 0; seed < count; seed++) {
    const asked = request({ vector: Array.from(queryOf(seed)), k: 5, scan: 64, seed });
    expect((await app.request("/v1/predict", asked, env)).status).toBe(200);
  }
  const lines = async () => (await (await app.request("/v1/audits", {}, env)).text()).trimEnd().split("\n");
  await vi.waitFor(async () => expect(await lines()).toHaveLength(count), { timeout: 90_000 });
  return write("audits.jsonl", `${(await lines()).join("\n")}\n`);
}

/** Writes the manifest of a build with other fields, beside its parts. */
async function changed(path: string, name: string, fields: Partial<Manifest>): Promise<string> {
  const { generation: _, ...rest } = await read(path);
  const other = join(path, "..", name);
  writeFileSync(other, serialiseManifest(await sealManifest({ ...rest, ...fields })));
  return other;
}

let path: string;
let audits: string;
beforeAll(async () => {
  path = await built("--fine-codes", "--calibrate", "quick");
  audits = await auditsOf(served(path), AUDITS);
});

const next = (name = "next.json") => join(path, "..", name);

describe("midx calibrate MANIFEST --audits", () => {
  test("fits the error bars of merged answers, and leaves the rest as it is", async () => {
    const before = await read(path);
    expect(before.calibration).toMatchObject({ source: "stand-ins" });
    const printed = await succeed("calibrate", path, "--audits", audits, "-o", next());
    expect(printed).toMatch(/^calibration +110 audits, 110 answers$/m);
    expect(printed).not.toContain("recall curves");
    const after = await read(next());
    const { calibration, version } = after;
    expect(calibration).toMatchObject({ source: "audits", queryCount: AUDITS, answers: AUDITS });
    expect(calibration?.coverage).toBeGreaterThan(0.94);
    expect(version).toMatch(/^[0-9a-f]{12}-[0-9a-f]{8}$/);
    expect(after).toEqual({ ...before, version, generation: after.generation, calibration });
  });

  test("makes the bars that it says of later answers", async () => {
    await succeed("calibrate", path, "--audits", audits, "-o", next());
    const factors = [(await read(path)).calibration?.factor, (await read(next())).calibration?.factor] as number[];
    expect(factors[1]).not.toBe(factors[0]);
    const body = request({ vector: Array.from(queryOf(3)), k: 5, scan: 64, seed: 3 });
    const [was, is] = await Promise.all(
      [path, next()].map(async (file) => (await served(file).request("/v1/predict", body, env)).json()),
    );
    expect(is.logPartition).toBe(was.logPartition);
    expect(is.standardError).toBeCloseTo(((factors[1] as number) / (factors[0] as number)) * was.standardError, 6);
  });

  test("does not depend on the factor that the service had", async () => {
    const { calibration } = await read(path);
    const wide = await changed(path, "wide.json", {
      calibration: { ...(calibration as NonNullable<typeof calibration>), factor: 3 },
    });
    const ofWide = await auditsOf(served(wide), AUDITS);
    await succeed("calibrate", wide, "--audits", ofWide, "-o", next("of-wide.json"));
    await succeed("calibrate", path, "--audits", audits, "-o", next());
    const [once, again] = [(await read(next())).calibration, (await read(next("of-wide.json"))).calibration];
    expect(again?.factor).toBeCloseTo(once?.factor as number, 6);
    expect(again?.coverage).toBe(once?.coverage);
  });

  test("makes no bar narrower with few audits, and with few queries", async () => {
    const { calibration } = await read(path);
    const earlier = { ...(calibration as NonNullable<typeof calibration>), factor: 1.375, limit: 0.25 };
    const wide = await changed(path, "widened.json", { calibration: earlier });
    const few = await auditsOf(served(wide), 20);
    const queries = write("few.npy", npyBytes(npyLiteral("<f4", `(3, ${DIM})`), bytesOf(noise(3 * DIM, 7))));
    for (const given of [
      ["--audits", few],
      ["--queries", queries],
    ]) {
      await succeed("calibrate", wide, ...given, "-o", next("of-few.json"));
      const { factor, limit } = (await read(next("of-few.json"))).calibration ?? { factor: 0, limit: 0 };
      expect(factor).toBeGreaterThanOrEqual(earlier.factor);
      expect(limit).toBeLessThanOrEqual(earlier.limit);
    }
  });

  test("takes those of a manifest that nobody has calibrated, of a router over parts elsewhere", async () => {
    const plain = await changed(path, "plain.json", { calibration: null, recallCurves: null });
    const published = manifestFile(plain);
    // A host loads its part once. The router asks for the hosts of a part with every question.
    const hosts = [0, 1, 2].map((number) => hostOf(partHost(published, number)));
    const hostsOf = ({ numbers: [number = 0] }: RoutedParts) => [hosts[number] as PartHost];
    const { app } = router(published, hostsOf, { auditRate: 1 });
    await succeed("calibrate", plain, "--audits", await auditsOf(app, 40), "-o", next());
    expect((await read(next())).calibration).toMatchObject({ source: "audits", queryCount: 40 });
  });

  test("measures recall, error bars and statistics with the queries that a service kept", async () => {
    const withQueries = await auditsOf(served(path, true), 40);
    const printed = await succeed("calibrate", path, "--audits", withQueries, "-o", next("by-audits.json"));
    expect(printed).toMatch(/^recall curves +measured on 40 queries$/m);
    const byAudits = await read(next("by-audits.json"));
    expect(byAudits.calibration).toMatchObject({ source: "audits", queryCount: 40 });
    expect(byAudits.statistics).toMatchObject({ source: "audits", queryCount: 40 });
    const values = Float32Array.from(Array.from({ length: 40 }, (_, seed) => Array.from(queryOf(seed))).flat());
    const queries = write("queries.npy", npyBytes(npyLiteral("<f4", `(40, ${DIM})`), bytesOf(values)));
    await succeed("calibrate", path, "--queries", queries, "-o", next("by-queries.json"));
    const { recallCurves, calibration, statistics } = await read(next("by-queries.json"));
    expect(byAudits.recallCurves).toEqual(recallCurves);
    expect({ ...byAudits.calibration, source: "queries" }).toEqual(calibration);
    expect({ ...byAudits.statistics, source: "queries" }).toEqual(statistics);
  });

  test("takes those of a published manifest, which has another generation, for the one of the build", async () => {
    const place = join(makeFolder(), "public");
    await succeed("publish", path, "--folder", place);
    const current = join(place, "current.json");
    const { generation } = await read(current);
    expect(generation).not.toBe((await read(path)).generation);
    const published = await auditsOf(served(current), 120);
    const refused = await fail(2, "calibrate", path, "--audits", published, "-o", next());
    expect(refused).toContain(`is of ${generation}: pass the manifest that the service had as '--published'`);
    const downloaded = join(makeFolder(), "downloaded.json"); // without the parts
    copyFileSync(current, downloaded);
    await succeed("calibrate", path, "--audits", published, "--published", downloaded, "-o", next());
    expect((await read(next())).calibration).toMatchObject({ source: "audits", queryCount: 120 });
    expect((await read(next())).parts).toEqual((await read(path)).parts);
    await succeed("publish", next(), "--folder", place);
    expect((await read(current)).calibration).toMatchObject({ source: "audits" });
  });

  test("says that recall is still that of an older version", async () => {
    const carried = await changed(path, "carried.json", { log: { sequence: 7, carried: true } });
    await succeed("calibrate", carried, "--audits", await auditsOf(served(carried), 5), "-o", next());
    expect((await read(next())).log).toEqual({ sequence: 7, carried: true });
  });

  test("refuses audits of other parts, and '--published' where it says nothing", async () => {
    const others = await built("--seed", "9", "--calibrate", "off");
    const refused = await fail(2, "calibrate", path, "--audits", audits, "--published", others);
    expect(refused).toContain("'--published' expected a manifest of the same parts, but the files of manifest.json");
    const { parts } = await read(path);
    const file = join(path, "..", parts[0]?.file as string);
    expect(await fail(2, "calibrate", path, "--audits", audits, "--published", file)).toContain(
      "'--published' expected a manifest of parts",
    );
    expect(await fail(2, "calibrate", path, "--queries", audits, "--published", path)).toContain(
      "'--published' expected '--audits' beside it",
    );
    expect(await fail(2, "calibrate", file, "--audits", audits, "--published", path)).toContain(
      "'--published' expected a manifest as <file>",
    );
  });
});
