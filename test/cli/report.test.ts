import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { candidateOf } from "../../src/cli/policy/candidate.ts";
import { readDraws, readQueries, readRewards } from "../../src/cli/policy/inputs.ts";
import { joinedValue } from "../../src/cli/policy/joined-value.ts";
import { valueDifference } from "../../src/cli/policy/value-difference.ts";
import type { Compared } from "../../src/cli/reporting/compared.ts";
import { findingsOf } from "../../src/cli/reporting/findings.ts";
import { load } from "../../src/index.ts";
import { csvOf, simulateShop } from "../fixtures/simulated-shop.ts";
import { EVERY } from "../run/size.ts";
import { makeFolder } from "./files.ts";
import { jsonLines, midx } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "midx-report-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, "ab", name);
const held = join(folder, "held.csv");
const page = join(folder, "report.html");

beforeAll(async () => {
  await simulateShop(join(folder, "ab"));
  const queries = readFileSync(at("queries.jsonl"), "utf8").trim().split("\n").slice(0, 40);
  writeFileSync(held, queries.map((line) => `${JSON.parse(line).vector.join(",")}\n`).join(""));
});

const logs = () => ["--log", at("logs.jsonl"), "--rewards", at("rewards.jsonl"), "--log-queries", at("queries.jsonl")];
/** Requests enough where two indexes answer alike, so that no value has to be told from another. */
const FEW = 1000;
const linesOf = (name: string): string[] => readFileSync(at(name), "utf8").trim().split("\n");
const written = (name: string, lines: readonly string[]): string => {
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  return join(folder, name);
};
const report = (...options: string[]) => midx(["report", ...options, "--queries", held, "-o", page]);

describe("midx report", () => {
  test("tells a policy that earns more from one that may not, and writes both down", async () => {
    const outcome = await report(at("b.midx"), at("b.midx"), "--temperature-b", "0.7", "--json", ...logs());
    expect(outcome.stderr).toBe("");
    const [compared] = jsonLines(outcome.stdout) as unknown as [Compared];
    const { low, high } = compared.value as { low: number; high: number };
    // examples/ab-testing/simulate.js prints the true values: 0.5922, and 0.7255 at temperature 0.7.
    expect(low).toBeLessThan(0.7255 - 0.5922);
    expect(high).toBeGreaterThan(0.7255 - 0.5922);
    expect(findingsOf(compared)[0]?.answer).toMatch(/^B\. By the logged rewards it would have earned between /);
    const html = readFileSync(page, "utf8");
    expect(html).toContain("Which of them earns more?</h2><p>B. By the logged rewards");
    expect(html).toContain("its value is that of the policy at temperature 0.7");
    expect(html).not.toMatch(/<script|https?:\/\/(?!developers\.cloudflare\.com)/);
  });

  test("names no better one of two that are the same", async () => {
    const { stdout } = await report(at("b.midx"), at("b.midx"), "--json", ...logs());
    const [compared] = jsonLines(stdout) as unknown as [Compared];
    expect(compared.value).toMatchObject({ mean: 0, low: 0, high: 0 });
    expect(compared.recall).toMatchObject({ mean: 0, k: 10 });
    const [earns, finds] = findingsOf(compared).map(({ answer }) => answer);
    expect([earns?.slice(0, 8), finds?.slice(0, 8)]).toEqual(["Neither:", "Neither:"]);
  });

  test("asks both indexes about the classes that logged conditions name, whatever their ids", async () => {
    const rows = csvOf(await load(readFileSync(at("b.midx"))))
      .trim()
      .split("\n");
    const labels = rows.map((_, id) => `item ${id}`);
    const built = async (name: string, ids: readonly number[]): Promise<string> => {
      const [table, names] = [rows, labels].map((lines, i) =>
        written(
          `${name}-${i}.csv`,
          ids.map((id) => lines[id] as string),
        ),
      );
      const output = join(folder, `${name}.midx`);
      const options = ["--labels", names as string, "--row-type", "f32", "--calibrate", "off"];
      await midx(["build", table as string, ...options, "-o", output]);
      return output;
    };
    const order = rows.map((_, id) => id);
    const [first, turned] = [await built("first", order), await built("turned", order.toReversed())];
    const withFields = (name: string, more: (line: { ids: number[] }) => object): string[] =>
      linesOf(name)
        .slice(0, FEW)
        .map((text) => JSON.stringify({ ...JSON.parse(text), ...more(JSON.parse(text)) }));
    const log = written(
      "labelled.jsonl",
      withFields("logs.jsonl", ({ ids }) => ({ labels: ids?.map((id) => labels[id]) })),
    );
    const asked = written(
      "conditions.jsonl",
      withFields("queries.jsonl", () => ({ exclude: order.slice(0, 20) })),
    );
    const outcome = await report(
      first,
      turned,
      "--json",
      "--log",
      log,
      "--rewards",
      at("rewards.jsonl"),
      "--log-queries",
      asked,
    );
    expect(outcome.stderr).toBe("");
    const [{ value }] = jsonLines(outcome.stdout) as unknown as [Compared];
    expect(Math.abs(value?.mean ?? 1)).toBeLessThan(1e-3);
  });

  test.each(["a", "b"])(
    "refuses a temperature of side %s without a log, because it would change nothing",
    async (side) => {
      const { code, stderr } = await report(at("a.midx"), at("b.midx"), `--temperature-${side}`, "0.7");
      expect(code).toBe(2);
      expect(stderr).toContain(`'--temperature-${side}' needs '--log'`);
    },
  );

  test("reads versions of a folder of midx publish", async () => {
    const shop = join(makeFolder(), "shop");
    for (const name of ["a", "b"]) await midx(["publish", at(`${name}.midx`), "--as", name, "--folder", shop]);
    const version = (name: string) => join(shop, "versions", `${name}.json`);
    const { code, stdout } = await report(version("a"), version("b"), "--json");
    expect(code).toBe(0);
    const [{ sides, value }] = jsonLines(stdout) as unknown as [Compared];
    expect(value).toBeUndefined();
    for (const [i, name] of ["a", "b"].entries()) {
      expect(sides[i as 0 | 1].index.contentId).toBe((await load(readFileSync(at(`${name}.midx`)))).info.contentId);
    }
    expect(await report(version("a"), version("c"))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("c.json: there is no such file or folder"),
    });
  });

  test("reads an index file with the name of a pointer", async () => {
    const copy = join(makeFolder(), "b.json");
    copyFileSync(at("b.midx"), copy);
    const { code, stdout, stderr } = await report(at("b.midx"), copy, "--json");
    expect(code, stderr).toBe(0);
    const [{ sides }] = jsonLines(stdout) as unknown as [Compared];
    expect(sides[1].index.contentId).toBe(sides[0].index.contentId);
  });

  test("compares a manifest of parts, and a published one, with the index of the same rows", async () => {
    const index = await load(readFileSync(at("b.midx")));
    const { itemCount, dim } = index.info;
    const table = join(folder, "b.csv");
    writeFileSync(table, csvOf(index));
    const [parts, shop] = [join(folder, "parts"), join(makeFolder(), "shop")];
    const built = await midx(["build", table, "--row-type", "f32", "--parts", "3", "--calibrate", "off", "-o", parts]);
    expect(built).toMatchObject({ code: 0 });
    const manifest = join(parts, "manifest.json");
    expect(await midx(["publish", manifest, "--as", "in-parts", "--folder", shop])).toMatchObject({ code: 0 });
    const published = join(shop, "versions", "in-parts.json");
    const few = logs().map((option) =>
      option.startsWith("--") ? option : written(`few-${basename(option)}`, linesOf(basename(option)).slice(0, FEW)),
    );
    for (const path of EVERY ? [manifest, published] : [published]) {
      const { code, stdout, stderr } = await report(at("b.midx"), path, "--json", ...few);
      expect(code, stderr).toBe(0);
      const [{ sides, recall, value }] = jsonLines(stdout) as unknown as [Compared];
      expect(sides[1]).toMatchObject({ file: path, index: { itemCount, dim } });
      expect(Math.abs(sides[1].evaluation.recall[0]?.predict ?? 0)).toBeGreaterThan(0.9);
      expect(recall.k).toBe(10);
      expect(sides[1].value?.ips.mean).toBeCloseTo(sides[0].value?.ips.mean ?? 0, 2);
      expect(Math.abs(value?.mean ?? 1)).toBeLessThan(0.005);
    }
  });

  test("refuses what it cannot compare, by name", async () => {
    expect(await report(at("a.midx"), at("b.midx"), "--rewards", at("rewards.jsonl"))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'--log' expected '--rewards' and '--log-queries' beside it"),
    });
    const rows = join(folder, "rows.csv");
    const other = join(folder, "other.midx");
    writeFileSync(rows, Array.from({ length: 20 }, (_, i) => `${i},1,${i % 3}\n`).join(""));
    expect(await midx(["build", rows, "--bits", "2", "-o", other, "--calibrate", "off"])).toMatchObject({ code: 0 });
    expect(await report(at("a.midx"), other)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/other\.midx expected \d+ dimensions, as .*a\.midx has, or '--queries-b', got 3/),
    });
    const gone = join(folder, "gone.txt");
    const empty = join(folder, "empty.midx");
    writeFileSync(gone, Array.from({ length: 20 }, (_, i) => `${i}\n`).join(""));
    const changes = ["changes", other, "--removals", gone, "-o", join(folder, "gone.midxd")];
    expect(await midx(changes)).toMatchObject({ code: 0 });
    const compacting = ["compact", other, "--changes", join(folder, "gone.midxd"), "--labels", "ids", "-o", empty];
    expect(await midx(compacting)).toMatchObject({ code: 0 });
    expect(await report(empty, other)).toMatchObject({
      code: 2,
      stderr: `error: ${empty} expected at least one class, got none\n`,
    });
  });
});

describe("findings", () => {
  const side = (predict: number[], memoryBytes: number) => ({
    ...{ index: { memoryBytes }, rounds: predict.map((time) => ({ predict: time })), cost: { perMillionRequests: 1 } },
  });
  const compared = (more: object) =>
    ({
      sides: [side([2, 2], 1), side([1, 1], 1)],
      recall: { low: -1, high: 1, k: 10 },
      queryCount: 9,
      ...more,
    }) as never;
  const answer = (question: string, more: object) =>
    findingsOf(compared(more)).find((finding) => finding.question.includes(question))?.answer ?? "";

  test.each<[number, number, RegExp]>([
    [0.1, 0.2, /^B\. .* between 0\.1 and 0\.2 \(95 % interval\) more a request/],
    [-0.2, -0.1, /^A\. .* between 0\.1 and 0\.2 \(95 % interval\) more a request/],
    [-0.1, 0.2, /^The logged rewards do not tell: .* between -0\.1 and 0\.2/],
    [0, 0.2, /^The logged rewards do not tell/],
    [Number.NaN, Number.NaN, /^The logged rewards do not tell: a single request has no interval\.$/],
  ])("of a difference from %f to %f name a better one only where the interval does", (low, high, expected) => {
    expect(answer("earns", { value: { low, high } })).toMatch(expected);
    expect(answer("finds", { recall: { low, high, k: 10 } }).slice(0, 2)).toBe(
      expected.source[1] === "T" ? "Th" : `${expected.source[1]}.`,
    );
  });

  test("of times name a faster one only where all rounds do", () => {
    expect(answer("faster", {})).toMatch(/^B: it answers 2 to 2 times as many/);
    expect(answer("faster", { sides: [side([1, 1], 1), side([2, 4], 1)] })).toMatch(/^A: it answers 2 to 4 times/);
    expect(answer("faster", { sides: [side([1, 3], 1), side([2, 2], 1)] })).toMatch(
      /^Neither, as far as this run tells/,
    );
  });

  test("say whether both fit into a Worker", () => {
    expect(answer("memory", {})).toContain("Together they fit into");
    expect(answer("memory", { sides: [side([1], 60e6), side([1], 60e6)] })).toContain("Together they do not fit");
  });
});

test("the difference of two policies by request has the mean of their values' difference, and a smaller error", async () => {
  const index = await load(readFileSync(at("b.midx")));
  const joined = async () => ({
    draws: readDraws([{ file: "logs", lines: linesOf("logs.jsonl") }]),
    rewards: await readRewards(linesOf("rewards.jsonl"), "rewards"),
    queries: await readQueries(linesOf("queries.jsonl"), "queries", index.info),
  });
  const candidates = [1, 0.9].map((temperature) => candidateOf(index, { policy: "softmax", temperature })) as never;
  const [before, after] = await Promise.all(
    (candidates as never[]).map(async (candidate) => (await joinedValue(await joined(), candidate)).ips),
  );
  const difference = await valueDifference(await joined(), candidates);
  expect(difference.mean).toBeCloseTo((after?.mean ?? 0) - (before?.mean ?? 0), 12);
  expect(difference.standardError).toBeLessThan(
    0.5 * Math.hypot(before?.standardError ?? 0, after?.standardError ?? 0),
  );
});
