import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { load } from "../../src/index.ts";
import { type Evaluation, evaluate } from "../../src/train/index.ts";
import { onceFor } from "../run/once-for.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral, writeInput } from "./files.ts";
import { jsonLines, midx, noise, writeTable } from "./run.ts";

const [ITEMS, DIM, QUERIES] = [400, 4, 30];

const built = onceFor(async (...options: string[]): Promise<Buffer> => {
  const output = join(makeFolder(), "index.midx");
  const { code, stderr } = await midx([
    "build",
    writeTable(ITEMS, DIM),
    "-o",
    output,
    "--calibrate",
    "off",
    ...options,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return readFileSync(output);
});

/** Writes an index that is built once for each list of options to a new folder. */
const builtIndex = async (...options: string[]): Promise<string> => writeInput("index.midx", await built(...options));

const writeQueries = (): string => writeTable(QUERIES, DIM, 9);
const vector = (name: string, values: Float32Array): string =>
  writeInput(name, npyBytes(npyLiteral("<f4", `(${values.length},)`), bytesOf(values)));

describe("midx eval", () => {
  test("prints the library's numbers, times and cost as one JSON object", async () => {
    const file = await builtIndex();
    const effort = ["--scan", "40", "--draws", "30", "--seed", "3"];
    const { code, stdout, stderr } = await midx(["eval", file, "--queries", writeQueries(), ...effort, "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [measured, ...more] = jsonLines(stdout);
    expect(more).toEqual([]);
    const index = await load(readFileSync(file));
    const expected = await evaluate(index, noise(QUERIES * DIM, 9), { scan: 40, draws: 30, seed: 3 });
    const asJson = JSON.parse(JSON.stringify({ ...expected, effort: { ...expected.effort, seed: "3" } }));
    expect(measured).toMatchObject({
      file,
      availableQueries: QUERIES,
      evaluation: asJson,
      gates: [],
      index: { contentId: index.info.contentId, fileBytes: index.info.fileBytes, memoryBytes: expect.any(Number) },
      madeBy: { midx: packageJson.version, node: process.version },
    });
    const { times, cost } = measured as { times: Record<string, number>; cost: Record<string, number> };
    for (const call of ["predict", "sample", "topK", "exactSoftmax"]) expect(times[call]).toBeGreaterThan(0);
    // A million CPU milliseconds cost $0.02. The cost is for a million requests with the time of predict.
    expect(cost.perMillionRequests).toBeCloseTo(((times.predict as number) / 1000) * 0.02, 12);
    expect(cost.price).toMatchObject({ source: expect.stringContaining("cloudflare"), asOf: expect.any(String) });
    expect(cost.leavesOut).not.toHaveLength(0);
  });

  test("prints tables that hold the numbers", async () => {
    const file = await builtIndex("--bias", vector("bias.npy", noise(ITEMS, 4)));
    const { code, stdout } = await midx(["eval", file, "--queries", writeQueries(), "--scan", String(ITEMS)]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +10 +100\s% +100\s%$/m);
    expect(stdout).toMatch(/^midx +1 +\d/m);
    expect(stdout).toMatch(/^uniform +0\.\d+ /m);
    expect(stdout).toMatch(/^tail +360 +/m);
    expect(stdout).toMatch(/^exact softmax +[\d.]+ +1 ×$/m);
    expect(stdout).toContain(`queries  ${QUERIES} of ${QUERIES} in `);
    expect(stdout).toContain("per million CPU milliseconds");
  });

  test("takes evenly spaced queries up to the limit, and counts from a file", async () => {
    const file = await builtIndex();
    const counts = vector(
      "counts.npy",
      noise(ITEMS, 2).map((value) => Math.ceil(50 * Math.abs(value))),
    );
    const argv = ["eval", file, "--queries", writeQueries(), "--limit", "3", "--counts", counts, "--json"];
    const [measured] = jsonLines((await midx(argv)).stdout);
    const all = noise(QUERIES * DIM, 9);
    const three = Float32Array.from([0, 10, 20].flatMap((row) => Array.from(all.subarray(row * DIM, (row + 1) * DIM))));
    const { logPartition } = await evaluate(await load(readFileSync(file)), three);
    expect(measured).toMatchObject({
      availableQueries: QUERIES,
      evaluation: { queryCount: 3, popularity: "counts", logPartition: JSON.parse(JSON.stringify(logPartition)) },
    });
  });
});

test("the report repeats the command as it was given: the filter as JSON, and each file of changes", async () => {
  const items = writeInput("items.jsonl", '{"vector":[1,2],"kind":"a"}\n{"vector":[2,1],"kind":"b"}\n');
  const file = join(makeFolder(), "items.midx");
  const made = await midx(["build", items, "--columns", "kind:string", "-o", file, "--calibrate", "off"]);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  const changes = ["first", "second"].map((name) => join(makeFolder(), name));
  for (const [after, output] of changes.entries()) {
    const removals = writeInput("gone.txt", "1\n");
    const written = await midx(["changes", file, "--removals", removals, "--after", String(after), "-o", output]);
    expect(written).toMatchObject({ code: 0, stderr: "" });
  }
  const given = ["--filter", '{"kind":"a"}', ...changes.flatMap((path) => ["--changes", path])];
  const { code, stdout, stderr } = await midx(["eval", file, "--queries", items, ...given, "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const [{ madeBy }] = jsonLines(stdout) as [{ madeBy: { command: string } }];
  for (const words of ['--filter \'{"kind":"a"}\'', ...changes.map((path) => `--changes ${path}`)]) {
    expect(madeBy.command).toContain(words);
  }
});

test.each(["an index", "parts"])("classes that changes have removed from %s are not measured", async (kind) => {
  const [count, dim] = [60, 4];
  const rows = Array.from({ length: count }, (_, i) => Array.from({ length: dim }, (_each, d) => Math.cos(7 * i + d)));
  const items = writeInput(
    "items.jsonl",
    rows.map((vector, i) => `${JSON.stringify({ id: `item ${i}`, vector })}\n`).join(""),
  );
  const [output, changes] = [
    join(makeFolder(), kind === "parts" ? "items" : "items.midx"),
    join(makeFolder(), "items.midxd"),
  ];
  const parts = kind === "parts" ? ["--parts", "2"] : [];
  expect(await midx(["build", items, ...parts, "-o", output, "--calibrate", "off"])).toMatchObject({ code: 0 });
  const file = kind === "parts" ? join(output, "manifest.json") : output;
  const removals = writeInput("gone.txt", Array.from({ length: 45 }, (_, i) => `item ${i}\n`).join(""));
  expect(await midx(["changes", file, "--removals", removals, "-o", changes])).toMatchObject({ code: 0 });
  const { stdout } = await midx(["eval", file, "--queries", items, "--changes", changes, "--json"]);
  const [{ evaluation }] = jsonLines(stdout) as unknown as [{ evaluation: Evaluation }];
  expect(evaluation.recall.map(({ k, topK }) => [k, topK])).toEqual([
    [1, 1],
    [10, 1],
  ]);
});

describe("the gates of midx eval", () => {
  const OPEN = ["--min-recall", "0", "--max-log-error", "100", "--min-ess", "0", "--max-tv", "1"];

  test("let a good index through with exit code 0", async () => {
    const { code, stdout, stderr } = await midx(["eval", await builtIndex(), "--queries", writeQueries(), ...OPEN]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.match(/^gate --[a-z-]+ passed: wanted at (least|most) /gm)).toHaveLength(4);
  });

  test.each([
    ["--min-recall", "1", "at least 1", (found: number) => found < 1],
    ["--max-log-error", "0", "at most 0", (found: number) => found > 0],
    ["--min-ess", "1", "at least 1", (found: number) => found < 1],
    ["--max-tv", "0", "at most 0", (found: number) => found > 0],
  ])(
    "%s that is missed: exit code 4 and a line that names gate, wanted and found",
    async (gate, value, wanted, isBad) => {
      const argv = ["eval", await builtIndex(), "--queries", writeQueries(), "--scan", "5", "--draws", "10"];
      const others = OPEN.flatMap((word, i) => (i % 2 || word === gate ? [] : [word, OPEN[i + 1] as string]));
      const { code, stdout, stderr } = await midx([...argv, ...others, gate, value]);
      expect(code).toBe(4);
      const lines = stderr.trimEnd().split("\n");
      expect(lines).toHaveLength(2);
      const [, found] =
        new RegExp(`^gate ${gate} missed: wanted ${wanted}, found (\\S+) \\(`).exec(lines[0] ?? "") ?? [];
      expect(isBad(Number(found))).toBe(true);
      expect(lines[1]).toBe("error: 1 of 4 gates missed");
      expect(stdout, "the numbers are printed all the same").toContain("times of calls in one thread:");
    },
  );

  test("are in the JSON object, and a report is written before a missed one ends the command", async () => {
    const html = join(makeFolder(), "report.html");
    const argv = ["eval", await builtIndex(), "--queries", writeQueries(), "--scan", "5", "--max-tv", "0.0001"];
    const { code, stdout } = await midx([...argv, "--html", html, "--json"]);
    expect(code).toBe(4);
    const [measured] = jsonLines(stdout) as { evaluation: { proposals: { totalVariation: number }[] } }[];
    expect(measured).toMatchObject({
      gates: [
        {
          gate: "--max-tv",
          comparison: "at most",
          wanted: 0.0001,
          found: measured?.evaluation.proposals[0]?.totalVariation,
          passed: false,
        },
      ],
    });
    expect(parseHTML(readFileSync(html, "utf8")).document.querySelector("td.missed")?.textContent).toBe("missed");
  });
});

describe("the report of midx eval", () => {
  test("is one page with the numbers, a figure and its words a section, the command and versions", async () => {
    const html = join(makeFolder(), "report.html");
    const file = await builtIndex("--bias", vector("bias.npy", noise(ITEMS, 4)));
    const argv = ["eval", file, "--queries", writeQueries(), "--scan", "40", "--html", html, "--json"];
    const [measured] = jsonLines((await midx(argv)).stdout) as { evaluation: Evaluation }[];
    const { document } = parseHTML(readFileSync(html, "utf8"));
    expect(document.documentElement.getAttribute("lang")).toBe("en");
    expect(document.querySelectorAll("figure svg[role=img][aria-label]")).toHaveLength(6);
    for (const figure of document.querySelectorAll("figure")) {
      expect(figure.querySelector("figcaption")?.textContent?.length).toBeGreaterThan(80);
    }
    const cells = Array.from(document.querySelectorAll("td"), (cell) => cell.textContent);
    const { recall, proposals, bands } = (measured as { evaluation: Evaluation }).evaluation;
    const three = (value: number): string => String(Number(value.toPrecision(3)));
    for (const { topK } of recall) expect(cells).toContain(`${three(100 * topK)}\u00a0%`);
    for (const { totalVariation, klDivergence } of proposals) {
      expect(cells).toContain(three(totalVariation));
      expect(cells).toContain(three(klDivergence));
    }
    for (const { expectedDraws } of bands) expect(cells).toContain(three(expectedDraws));
    const command = document.querySelector("pre")?.textContent ?? "";
    expect(command).toContain(`midx eval ${file} --queries `);
    expect(command).toContain("--scan 40");
    expect(cells.some((cell) => cell?.includes(`midx ${packageJson.version}, Node ${process.version}`))).toBe(true);
  });

  test("asks for nothing from elsewhere and runs nothing", async () => {
    const html = join(makeFolder(), "report.html");
    await midx(["eval", await builtIndex(), "--queries", writeQueries(), "--html", html]);
    const text = readFileSync(html, "utf8");
    const { document } = parseHTML(text);
    expect(document.querySelectorAll("script, link, img, iframe, object, embed, image, use, base, form")).toHaveLength(
      0,
    );
    for (const element of document.querySelectorAll("*")) {
      for (const { name } of element.attributes) expect(name).not.toMatch(/^(on|src|href|xlink|action|data|style$)/);
    }
    expect(text).not.toMatch(/url\(|@import|@font-face/);
    expect(text).toContain("prefers-color-scheme:dark");
  });

  test("shows names of files as text, whatever they are", async () => {
    const folder = makeFolder();
    const html = join(folder, "report.html");
    const output = join(folder, `<b onclick="x">&.midx`);
    await midx(["build", writeTable(ITEMS, DIM), "-o", output, "--calibrate", "off"]);
    expect((await midx(["eval", output, "--queries", writeQueries(), "--html", html])).code).toBe(0);
    const { document } = parseHTML(readFileSync(html, "utf8"));
    expect(document.querySelector("h1")?.textContent).toBe(`Evaluation of <b onclick="x">&.midx`);
    expect(document.querySelectorAll("b")).toHaveLength(0);
  });
});

describe("what midx eval refuses", () => {
  test("an index without queries, queries of another width, counts of another number, no such file", async () => {
    const file = await builtIndex();
    expect(await midx(["eval", file])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'--queries <file>'"),
    });
    const narrow = await midx(["eval", file, "--queries", writeTable(5, 3)]);
    expect(narrow.code).toBe(2);
    const short = vector("counts.npy", noise(7).map(Math.abs));
    expect(await midx(["eval", file, "--queries", writeQueries(), "--counts", short])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`'--counts' expected ${ITEMS} values, one for each class, got 7`),
    });
    expect((await midx(["eval", "missing.midx", "--queries", writeQueries()])).code).toBe(1);
  });

  test("a proposal that needs fine codes, without a report half written", async () => {
    const html = join(makeFolder(), "report.html");
    const argv = ["eval", await builtIndex(), "--queries", writeQueries(), "--proposal", "codes", "--html", html];
    expect(await midx(argv)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'--proposal' expected an index"),
    });
    expect(existsSync(html)).toBe(false);
  });
});
