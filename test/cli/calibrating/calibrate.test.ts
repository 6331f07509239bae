import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseHeader } from "../../../src/bytes/safetensors.ts";
import { load, type MultiIndex, type RecallPoint } from "../../../src/index.ts";
import { compact } from "../../../src/train/compaction/index.ts";
import { build } from "../../../src/train/index.ts";
import { createApp } from "../../../worker/app.ts";
import { fixedHost } from "../../../worker/host/fixed-host.ts";
import { EVERY } from "../../run/size.ts";
import { makeFolder } from "../files.ts";
import { jsonLines, midx, noise, type Outcome, writeTable } from "../run.ts";

const [DIM, QUERIES] = [8, EVERY ? 120 : 100];
/** Recall rises in some steps if there are more classes. */
const itemsOf = (options: readonly string[]): number => (EVERY ? 1500 : options.includes("--fine-codes") ? 500 : 240);
const OLD = new URL("../../golden/format-1.0/rq-i8-bias-codes.midx", import.meta.url);

/** The files of builds, by their options. */
const built = new Map<string, Buffer>();

async function builtIndex(...options: string[]): Promise<string> {
  const output = join(makeFolder(), "index.midx");
  const before = built.get(`${options}`);
  if (before) {
    writeFileSync(output, before);
    return output;
  }
  const { code, stderr } = await midx([
    "build",
    writeTable(itemsOf(options), DIM),
    "-o",
    output,
    "--calibrate",
    "quick",
    ...options,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  built.set(`${options}`, readFileSync(output));
  return output;
}

const writeQueries = (count = QUERIES, dim = DIM): string => writeTable(count, dim, 9);
const calibrate = (...argv: string[]): Promise<Outcome> => midx(["calibrate", ...argv]);

async function indexOf(path: string): Promise<MultiIndex> {
  return load(readFileSync(path));
}

/** The bytes of each tensor, as text. */
function tensorsOf(path: string): Map<string, string> {
  const bytes = readFileSync(path);
  const { tensors, byteLength } = parseHeader(bytes, bytes.byteLength);
  return new Map(
    tensors.map(({ name, begin, end }) => [name, bytes.toString("base64", byteLength + begin, byteLength + end)]),
  );
}

describe("midx calibrate --queries", () => {
  test("measures what a compaction had carried over, and says so", async () => {
    const labels = Array.from({ length: 200 }, (_, i) => `item ${i}`);
    const file = await build({ data: noise(200 * DIM, 3), shape: [200, DIM] }, { labels, fineCodes: true });
    const compacted = await compact(file, [{ removals: ["item 7"] }], { calibrate: "carry" });
    const output = join(makeFolder(), "compacted.midx");
    writeFileSync(output, compacted.file);
    expect((await indexOf(output)).info.compaction).toMatchObject({ calibration: "carried", curves: "carried" });
    expect(await calibrate(output, "--queries", writeQueries())).toMatchObject({ code: 0 });
    expect((await indexOf(output)).info.compaction).toEqual({
      sequence: 1,
      calibration: "measured",
      curves: "measured",
    });
  });

  test("changes the bars and statistics of a file, and nothing else", async () => {
    const file = await builtIndex();
    const output = join(makeFolder(), "calibrated.midx");
    const before = readFileSync(file);
    const { code, stdout, stderr } = await calibrate(file, "--queries", writeQueries(), "-o", output, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(readFileSync(file)).toEqual(before);
    const [old, made] = [await indexOf(file), await indexOf(output)];
    expect(old.info.calibration).toMatchObject({ calibrated: true, source: "stand-ins" });
    const { calibration, contentId } = made.info;
    expect(calibration).toMatchObject({ calibrated: true, source: "queries", queryCount: QUERIES });
    expect(calibration.answers).toBeGreaterThan(1000);
    expect(calibration.factor).toBeLessThan(1);
    expect(calibration.coverage).toBeGreaterThan(0.94);
    const event = jsonLines(stdout).at(-1);
    expect(event).toMatchObject({ event: "calibrated", output, contentId, factor: calibration.factor });
    const of = (path: string) => {
      const {
        "calibration.values": values,
        "statistics.values": statistics,
        ...rest
      } = Object.fromEntries(tensorsOf(path));
      return { values, statistics, rest };
    };
    const [{ rest: oldTensors, ...oldValues }, { rest: tensors, ...values }] = [of(file), of(output)];
    expect(values.values).not.toEqual(oldValues.values);
    expect(values.statistics).not.toEqual(oldValues.statistics);
    expect(tensors).toEqual(oldTensors);
    for (const [i, seed] of [1, 2, 3].entries()) {
      const query = noise(DIM, 50 + i);
      const [was, is] = [old, made].map((index) => index.predict(query, 5, { scan: 64, seed })) as [Answer, Answer];
      expect(is.logPartition).toBe(was.logPartition);
      expect(is.ids).toEqual(was.ids);
      expect(is.standardError).toBeCloseTo(
        ((calibration.factor as number) / (old.info.calibration.factor as number)) * was.standardError,
        6,
      );
      expect([was.calibrated, is.calibrated]).toEqual([true, true]);
    }
  });

  test("replaces the file, and gives the same bytes again from the result", async () => {
    const file = await builtIndex();
    const queries = writeQueries();
    expect(await calibrate(file, "--queries", queries)).toMatchObject({ code: 0, stderr: "" });
    const once = readFileSync(file);
    const { code, stdout } = await calibrate(file, "--queries", queries);
    expect(code).toBe(0);
    expect(readFileSync(file)).toEqual(once);
    expect(stdout).toMatch(new RegExp(`^calibration +${QUERIES} queries, \\d+ answers$`, "m"));
    expect(stdout).toMatch(/^factor +0\.\d\d on error bars/m);
    expect(stdout).toContain((await indexOf(file)).info.contentId);
  });

  test("never makes bars narrower by fewer than 100 queries, and says so", async () => {
    const file = await builtIndex();
    const { code, stderr } = await calibrate(file, "--queries", writeQueries(99));
    expect(code).toBe(0);
    expect(stderr).toContain("99 queries are too few to make error bars narrower: from 100 on");
    expect((await indexOf(file)).info.calibration.factor).toBeGreaterThanOrEqual(1);
  });

  test("gives a file of format 1.0 what error bars need", async () => {
    const file = join(makeFolder(), "old.midx");
    writeFileSync(file, readFileSync(OLD));
    const old = await indexOf(file);
    expect(old.info).toMatchObject({ formatVersion: "1.0", calibration: { calibrated: false } });
    const queries = writeQueries(QUERIES, old.info.dim);
    expect(await calibrate(file, "--queries", queries)).toMatchObject({ code: 0, stderr: "" });
    const made = await indexOf(file);
    expect(made.info).toMatchObject({ formatVersion: "2.0", itemCount: old.info.itemCount });
    expect(made.info.calibration.estimator).toBe("dispersion-5");
    expect([...tensorsOf(file).keys()]).toEqual(
      expect.arrayContaining(["dispersion.buckets", "dispersion.directions", "dispersion.means"]),
    );
    const query = noise(old.info.dim, 3);
    expect(made.topK(query, 10, { exact: true }).scores).toEqual(old.topK(query, 10, { exact: true }).scores);
  });
});

/** The recall that a point promises by its definition, from the share that topK finds of the k best for each query. */
function promisedBy(index: MultiIndex, queries: readonly Float32Array[], k: number, point: RecallPoint): number {
  const shares = queries.map((query) => {
    const best = index.topK(query, k, { exact: true }).ids;
    const { ids } = index.topK(query, k, { scan: point.scan, rescore: point.rescore });
    return ids.filter((id) => best.includes(id)).length / k;
  });
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const more = [...shares, 1 - 1 / k];
  const variance = more.reduce((sum, share) => sum + (share - mean(more)) ** 2, 0) / shares.length;
  return mean(shares) - Math.sqrt(variance / more.length);
}

describe("midx calibrate of an index with fine codes", () => {
  const queries = Array.from({ length: QUERIES }, (_, i) => noise(QUERIES * DIM, 9).subarray(i * DIM, (i + 1) * DIM));

  test("measures the recall curves again on the queries, and keeps what storing the rows lost", async () => {
    const file = await builtIndex("--fine-codes");
    const output = join(makeFolder(), "calibrated.midx");
    const { code, stdout } = await calibrate(file, "--queries", writeQueries(), "-o", output);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^recall curves +measured on ${QUERIES} queries$`, "m"));
    const [old, made] = [await indexOf(file), await indexOf(output)];
    expect(old.info).toMatchObject({ recallQueries: "stand-ins" });
    const { rowRecall, weights } = old.info;
    expect(made.info).toMatchObject({ recallQueries: "queries", rowRecall, weights });
    for (const { k, points } of made.info.recallCurves) {
      expect(points.length).toBeGreaterThan(2);
      for (const point of [points[0], points[2]] as RecallPoint[]) {
        expect(point.recall).toBeCloseTo(promisedBy(made, queries, k, point), 6);
      }
    }
    const before = tensorsOf(file);
    const changed = [...tensorsOf(output)].filter(([name, bytes]) => before.get(name) !== bytes).map(([name]) => name);
    expect(changed).toEqual(["recallCurves", "calibration.values", "statistics.values"]);
    const { code: again } = await calibrate(output, "--queries", writeQueries());
    expect(again).toBe(0);
    expect((await indexOf(output)).info.contentId).toBe(made.info.contentId);
  });

  test("of format 1.0 says what its curves were measured on, and no more than it knows", async () => {
    const file = join(makeFolder(), "old.midx");
    writeFileSync(file, readFileSync(OLD));
    const { dim } = (await indexOf(file)).info;
    const { code, stdout } = await calibrate(file, "--queries", writeQueries(20, dim), "--json");
    expect(code).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ event: "calibrated", recallQueries: 20 });
    const { info } = await indexOf(file);
    expect(info).toMatchObject({ recallQueries: "queries" });
    expect(info.recallCurves.every(({ points }) => points.length > 0)).toBe(true);
    for (const fact of ["weights", "rowRecall"]) expect(info).not.toHaveProperty(fact);
  });

  test("by audits without queries leaves them as they are", async () => {
    const file = await builtIndex("--fine-codes");
    const before = (await indexOf(file)).info;
    const { code, stdout } = await calibrate(file, "--audits", writeAudits(await auditsOf(file, 5)), "--json");
    expect(code).toBe(0);
    expect(jsonLines(stdout).at(-1)).not.toHaveProperty("recallQueries");
    const { recallQueries, recallCurves } = (await indexOf(file)).info;
    expect({ recallQueries, recallCurves }).toEqual({ recallQueries: "stand-ins", recallCurves: before.recallCurves });
  });
});

type Answer = ReturnType<MultiIndex["predict"]>;

/** The audits of a service that answered `count` queries with the index of a file. */
async function auditsOf(
  file: string,
  count: number,
  options: { readonly auditQueries?: boolean } = {},
): Promise<string> {
  const index = await indexOf(file);
  const app = createApp({
    ...fixedHost(index, { auditRate: 1, ...options }),
    keepAlive: (_, work) => void kept.push(work),
  });
  const kept: Promise<unknown>[] = [];
  for (let i = 0; i < count; i++) {
    const body = JSON.stringify({ vector: Array.from(noise(DIM, 9 + i)), k: 5, scan: 64, seed: i });
    await app.request("/v1/predict", { method: "POST", headers: { "content-type": "application/json" }, body });
  }
  await Promise.all(kept);
  const text = await (await app.request("/v1/audits")).text();
  expect(text.trimEnd().split("\n")).toHaveLength(count);
  return text;
}

function writeAudits(text: string): string {
  const path = join(makeFolder(), "audits.jsonl");
  writeFileSync(path, text);
  return path;
}

describe("midx calibrate --audits", () => {
  test("goes by the audits of a service, each of which counts once", async () => {
    const file = await builtIndex();
    const audits = await auditsOf(file, 150);
    expect(audits).not.toContain('"query"');
    // Audits of decode say nothing about log Z.
    const [first = ""] = audits.split("\n");
    const ofDecode = `${first.replace("midx-audit", "midx-decode-audit")}\n`;
    expect(await calibrate(file, "--audits", writeAudits(ofDecode + audits + audits))).toMatchObject({
      code: 0,
      stderr: "",
    });
    const { calibration } = (await indexOf(file)).info;
    expect(calibration).toMatchObject({ calibrated: true, source: "audits", queryCount: 150, answers: 150 });
    expect(calibration.coverage).toBeGreaterThan(0.94);
  });

  test("makes the calls of the whole grid with queries that the service kept", async () => {
    const file = await builtIndex();
    const audits = await auditsOf(file, 100, { auditQueries: true });
    expect(await calibrate(file, "--audits", writeAudits(audits))).toMatchObject({ code: 0, stderr: "" });
    const { calibration } = (await indexOf(file)).info;
    expect(calibration).toMatchObject({ source: "audits", queryCount: 100 });
    expect(calibration.answers).toBeGreaterThan(EVERY ? 3000 : 1000);
  });

  test("refuses audits of another file, of another estimator, and lines that are none", async () => {
    const file = await builtIndex();
    const before = readFileSync(file);
    const line = (await auditsOf(file, 1)).trimEnd();
    const { contentId } = (await indexOf(file)).info;
    const other = "0".repeat(64);
    const refused = async (text: string, code: number, message: string) => {
      const outcome = await calibrate(file, "--audits", writeAudits(text));
      expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({
        code,
        stderr: expect.stringContaining(message),
      });
    };
    await refused(
      `${line}\n${line.replace(contentId, other)}\n`,
      2,
      `expected audits of the index ${contentId}, but line 2 is of ${other}: pass the file that was served`,
    );
    await refused(
      line.replace("dispersion-5", "other-2"),
      2,
      "expected the estimator dispersion-5, but line 1 is of other-2",
    );
    await refused(
      line.replace('"formatVersion":1', '"formatVersion":2'),
      3,
      'line 1 expected "formatVersion" 1, got 2',
    );
    await refused(line.replace("midx-audit", "audit"), 3, 'line 1 expected "format" "midx-audit"');
    await refused(line.replace(/"error":[-\d.e]+/, '"error":"1"'), 3, 'as "error"');
    await refused(`\n${line.slice(1)}`, 3, "line 2 is not JSON");
    await refused("\n", 2, "'--audits' expected at least one audit, got none");
    expect(readFileSync(file)).toEqual(before);
  });
});

describe("midx build --calibrate", () => {
  test("takes more queries than the index is measured with, and prints what came of them, in memory and on disk", async () => {
    const output = join(makeFolder(), "index.midx");
    const argv = [
      "build",
      writeTable(EVERY ? 300 : 60, DIM),
      "-o",
      output,
      "--calibrate",
      "full",
      "--queries",
      writeQueries(450),
    ];
    for (const where of [[], ["--max-memory", "1000"]]) {
      const { code, stdout, stderr } = await midx([...argv, ...where]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^calibration +400 queries, \d+ answers, in \d+\.\d\d s$/m);
      expect(stdout).toContain("against the full softmax on 128 held-out queries");
      expect((await indexOf(output)).info.calibration.queryCount).toBe(400);
    }
  });

  test("says what it takes where there is no room", async () => {
    const argv = ["build", writeTable(3000, DIM), "-o", join(makeFolder(), "index.midx"), "--calibrate", "quick"];
    const least = /at least (\d+)/.exec((await midx([...argv, "--max-memory", "1"])).stderr)?.[1] as string;
    const { code, stderr, stdout } = await midx([...argv, "--max-memory", least]);
    expect(code).toBe(0);
    const enough = /^the error bars are not calibrated: calibrating them needs --max-memory (\d+)\n$/.exec(stderr)?.[1];
    expect(stdout).toMatch(new RegExp(`^calibration +none: calibrating needs --max-memory ${enough}$`, "m"));
    const roomy = await midx([...argv, "--max-memory", enough as string]);
    expect(roomy).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^calibration +32 stand-in/m) });
  });
});

describe("midx calibrate", () => {
  test("wants queries or audits, and not both", async () => {
    const file = await builtIndex();
    const message = "'midx calibrate' expected either '--queries' or '--audits'";
    expect(await calibrate(file)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    const both = await calibrate(file, "--queries", file, "--audits", file);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  test("refuses queries of another dimension, files that are no index, and an output that is an input", async () => {
    const file = await builtIndex();
    const queries = writeQueries(10, DIM + 1);
    expect(await calibrate(file, "--queries", queries)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("9"),
    });
    expect(await calibrate(writeQueries(), "--queries", queries)).toMatchObject({ code: 3 });
    const same = await calibrate(file, "--queries", queries, "-o", queries);
    expect(same).toMatchObject({ code: 2, stderr: expect.stringContaining("are the same file") });
  });
});
