import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { limitsFor } from "../../src/cli/arguments/query-options.ts";
import { load } from "../../src/index.ts";
import { DEFAULT_LIMITS } from "../../src/memory/load-options.ts";
import { build } from "../../src/train/index.ts";
import { makeFolder, writeInput } from "./files.ts";
import { jsonLines, midx, noise, writeTable } from "./run.ts";

const ITEMS = 300;
const DIM = 4;

const buildOf = (items: number) => build({ data: noise(items * DIM), shape: [items, DIM] });
const building = buildOf(ITEMS);

/** A file that `midx build` writes with its defaults, without the time that the command takes to measure it. */
const builtIndex = async (items = ITEMS): Promise<string> =>
  writeInput("index.midx", await (items === ITEMS ? building : buildOf(items)));

const labels = Array.from({ length: ITEMS }, (_, id) => `name-${id}`);
const vector = "[0.5, -1, 2e0, 0.25]";
const query = Float32Array.of(0.5, -1, 2, 0.25);

describe("midx predict", () => {
  test("is certain with --exact", async () => {
    const file = await builtIndex();
    const expected = (await load(readFileSync(file))).predict(query, 3, { exact: true });
    const { stdout } = await midx(["predict", file, "--vector", vector, "-k", "3", "--exact", "--json"]);
    expect(jsonLines(stdout)[0]).toMatchObject({ ids: Array.from(expected.ids), exact: true, standardError: 0 });
  });

  test("answers alike whether the default of --draws and -k is given or not", () => {
    const given = limitsFor({ k: 10, draws: 100 });
    expect(given).toEqual(limitsFor({}));
    expect([given.maxK, given.maxDraws]).toEqual([DEFAULT_LIMITS.maxK, DEFAULT_LIMITS.maxDraws]);
  });

  test("answers as the library does, for a vector and for a row of a file", async () => {
    const file = await builtIndex();
    const index = await load(readFileSync(file));
    const options = ["-k", "3", "--scan", "20", "--draws", "50", "--seed", "7", "--json"];
    const expected = index.predict(query, 3, { scan: 20, draws: 50, seed: 7 });
    const byVector = await midx(["predict", file, "--vector", vector, ...options]);
    expect(jsonLines(byVector.stdout)).toEqual([
      {
        ...expected,
        ids: Array.from(expected.ids),
        scores: Array.from(expected.scores),
        probabilities: Array.from(expected.probabilities),
        seed: "7",
      },
    ]);
    const queries = writeTable(9, DIM, 5);
    const row = noise(9 * DIM, 5).subarray(8 * DIM);
    const byRow = await midx(["predict", file, "--queries", queries, "--row", "8", ...options]);
    expect(jsonLines(byRow.stdout)[0]?.ids).toEqual(
      Array.from(index.predict(row, 3, { scan: 20, draws: 50, seed: 7 }).ids),
    );
  });

  test("chooses diverse classes", async () => {
    const file = await builtIndex();
    const index = await load(readFileSync(file));
    const idsOf = async (...options: string[]) =>
      jsonLines((await midx(["predict", file, "--vector", vector, "--seed", "7", "--json", ...options])).stdout)[0]
        ?.ids;
    const expected = (k: number, diversity: object) => Array.from(index.predict(query, k, { diversity, seed: 7 }).ids);
    expect(await idsOf("--diversity", "0.2")).toEqual(expected(10, { lambda: 0.2 }));
    expect(await idsOf("-k", "20", "--diversity", "0.2")).toEqual(expected(20, { lambda: 0.2 }));
    expect(await idsOf("-k", "5", "--diversity", "0.2", "--pool", "9")).toEqual(expected(5, { lambda: 0.2, pool: 9 }));
    const refused = async (...options: string[]) => midx(["predict", file, "--vector", vector, ...options]);
    expect(await refused("--pool", "9")).toMatchObject({ code: 2, stderr: "error: '--pool' needs '--diversity'\n" });
    expect((await refused("--diversity", "2")).stderr).toContain("Expected a number in 0..1.");
    expect(await refused("--diversity", "1", "--pool", "9")).toMatchObject({
      code: 2,
      stderr: "error: option '--pool' expected at least 10 (-k), got 9\n",
    });
  });

  test("answers by fine codes", async () => {
    const output = join(makeFolder(), "coded.midx");
    await midx(["build", writeTable(ITEMS, DIM), "-o", output, "--fine-codes", "--calibrate", "off"]);
    const index = await load(readFileSync(output));
    const options = [
      "--vector",
      vector,
      "--proposal",
      "codes",
      "--scan",
      "20",
      "--draws",
      "30",
      "--seed",
      "7",
      "--json",
    ];
    const prediction = await midx(["predict", output, "-k", "3", ...options]);
    const expected = index.predict(query, 3, { proposal: "codes", scan: 20, draws: 30, seed: 7 });
    expect(jsonLines(prediction.stdout)[0]).toMatchObject({
      ids: Array.from(expected.ids),
      logPartition: expected.logPartition,
      scored: 50 + index.info.outlierCount,
    });
    const draws = await midx(["sample", output, ...options]);
    const { logQ } = index.sample(query, 30, { proposal: "codes", scan: 20, seed: 7 });
    expect(jsonLines(draws.stdout)[0]).toMatchObject({ logQ: Array.from(logQ) });
    const both = await midx([
      "sample",
      output,
      "--vector",
      vector,
      "--proposal",
      "codes",
      "--scan",
      "20",
      "--distinct",
    ]);
    expect(both.code).not.toBe(0);
    expect(both.stderr).toContain("'--proposal <name>' cannot be used with option '--distinct'");
  });

  test("prints a table with labels, the log-partition with its error and the seed", async () => {
    const file = await builtIndex();
    const names = writeInput("names.txt", labels.join("\n"));
    const { code, stdout } = await midx([
      "predict",
      file,
      "--vector",
      vector,
      "-k",
      "2",
      "--labels",
      names,
      "--seed",
      "7",
    ]);
    expect(code).toBe(0);
    const index = await load(readFileSync(file));
    const { ids, probabilities, logPartition } = index.predict(query, 2, { seed: 7 });
    const lines = stdout.split("\n");
    expect(lines[0]?.split(/ +/)).toEqual(["rank", "id", "probability", "score", "label"]);
    expect(lines[1]).toContain(`${probabilities[0]?.toFixed(6)}`);
    expect(lines[2]).toMatch(new RegExp(`name-${ids[1]}$`));
    expect(lines[3]).toBe("");
    expect(stdout).toContain(`log-partition          ${logPartition.toFixed(6)} ± `);
    expect(stdout).toContain(`classes scored         ${ITEMS} of ${ITEMS}`);
    expect(stdout).toMatch(/^seed +7$/m);
  });

  test("names the seed it chose, and that seed gives the same answer", async () => {
    const file = await builtIndex();
    const argv = ["predict", file, "--vector", vector, "--scan", "10", "--json"];
    const first = jsonLines((await midx(argv)).stdout)[0];
    const again = jsonLines((await midx([...argv, "--seed", String(first?.seed)])).stdout)[0];
    expect(again).toEqual(first);
  });

  test("answers for another temperature and other classes as the library does", async () => {
    const file = await builtIndex();
    const index = await load(readFileSync(file));
    const conditions = ["--temperature", "0.5", "--exclude", "3,17", "--allow", "0,1,2,3,4,5", "--seed", "7"];
    const expected = index.predict(query, 10, {
      temperature: 0.5,
      exclude: [3, 17],
      allow: [0, 1, 2, 3, 4, 5],
      seed: 7,
    });
    const { stdout } = await midx(["predict", file, "--vector", vector, ...conditions, "--json"]);
    expect(jsonLines(stdout)[0]).toMatchObject({
      ids: Array.from(expected.ids),
      probabilities: Array.from(expected.probabilities),
      logPartition: expected.logPartition,
    });
    expect(expected.ids).toHaveLength(5);
  });

  test("says which head it has chosen for the error that was asked for", async () => {
    const file = await builtIndex(20_000); // fewer rows are scored in less time than a head takes
    const argv = ["predict", file, "--vector", vector, "--scan", "auto", "--target-error", "0.2", "--seed", "7"];
    const expected = (await load(readFileSync(file))).predict(query, 10, { scan: "auto", targetError: 0.2, seed: 7 });
    expect(jsonLines((await midx([...argv, "--json"])).stdout)[0]).toMatchObject({
      choice: JSON.parse(JSON.stringify(expected.choice)),
    });
    const { stdout } = await midx(argv.filter((word) => word !== "--scan" && word !== "auto")); // which the target means
    expect(stdout).toMatch(/^head chosen +1024 classes$/m);
    const [chosen, atDefault] = [expected.choice?.expectedError, expected.choice?.expectedErrorAtDefault].map((error) =>
      error?.toExponential(1),
    );
    expect(stdout).toMatch(new RegExp(`^draws chosen +${expected.choice?.draws}$`, "m"));
    expect(stdout).toContain(`expected error         ${chosen} (by default: ${atDefault})`);
  });

  test("takes k, draws and scan beyond the library's default caps", async () => {
    const file = await builtIndex();
    const counts = ["-k", "5000", "--draws", "10000", "--scan", "100000", "--json"];
    const { code, stdout } = await midx(["predict", file, "--vector", vector, ...counts]);
    expect(code).toBe(0);
    expect(jsonLines(stdout)[0]?.ids).toHaveLength(ITEMS);
  });

  test.each([
    [2, [], "one of '--vector', '--features', '--sequence' and '--queries' is required"],
    [2, ["--vector", "[1, 2]"], "'--vector' expected 4 values, got 2"],
    [2, ["--vector", "1, 2"], "'--vector <json>' argument '1, 2' is invalid"],
    [2, ["--vector", "{}"], "Expected a JSON array"],
    [2, ["--vector", '[1, 2, "3", 4]'], "but entry 2 is not one"],
    [2, ["--vector", "[1, 2, 3, 1e39]"], "but entry 3 is not one"],
    [2, ["--vector", "[1, 2, 3, 1e20]"], "query"],
    [2, ["--vector", vector, "--queries", "q.npy"], "cannot be used with option '--queries"],
    [2, ["--queries", "q.npy"], "needs '--row'"],
    [1, ["--queries", "missing.npy", "--row", "0"], "missing.npy"],
    [2, ["--vector", vector, "-k", "-1"], "'-k <count>' argument '-1' is invalid"],
    [2, ["--vector", vector, "--scan", "1e3"], "'--scan <classes>' argument '1e3' is invalid"],
    [2, ["--vector", vector, "--scan", "Auto"], 'Expected an integer in 0..2147483647, or "auto"'],
    [2, ["--vector", vector, "--temperature", "0"], "'--temperature <T>' argument '0' is invalid"],
    [2, ["--vector", vector, "--temperature", ""], "'--temperature <T>' argument '' is invalid"],
    [2, ["--vector", vector, "--target-error", "-1"], "'--target-error <share>' argument '-1' is invalid"],
    [2, ["--vector", vector, "--exclude", "1,,2"], "'--exclude <classes>' argument '1,,2' is invalid"],
    [
      2,
      ["--vector", vector, "--exclude", "1,x"],
      "'--exclude' expected ids of classes, as the index has no labels, got \"x\"",
    ],
    [2, ["--vector", vector, "--exclude", "1,300"], "'--exclude'[1] expected an integer in 0..299, got 300"],
    [2, ["--vector", vector, "--bias", "1=2,1=3"], "'--bias'[1] expected every class once, got 1 again"],
    [2, ["--vector", vector, "--allow", "9999999999"], "'--allow'[0] expected an integer in 0..299, got 9999999999"],
    [1, ["--vector", vector, "--labels", "missing.txt"], "missing.txt"],
  ])("exits with %i and names what is wrong: %j", async (code, options, message) => {
    const outcome = await midx(["predict", await builtIndex(), ...options]);
    expect(outcome.stderr).toContain(message);
    expect(outcome).toMatchObject({ code, stdout: "" });
  });

  test("names the file of queries or labels that does not fit the index", async () => {
    const file = await builtIndex();
    const queries = writeTable(2, DIM);
    const row = await midx(["predict", file, "--queries", queries, "--row", "2"]);
    expect(row).toMatchObject({ code: 2, stderr: `error: ${queries}: '--row' expected 0..1, got 2\n` });
    const wide = writeTable(2, DIM + 1);
    const dim = await midx(["predict", file, "--queries", wide, "--row", "0"]);
    expect(dim).toMatchObject({
      code: 2,
      stderr: `error: ${wide}: expected rows of 4 values, as in the index, got rows of 5\n`,
    });
    const names = writeInput("names.txt", "one\ntwo\n");
    const few = await midx(["predict", file, "--vector", vector, "--labels", names]);
    expect(few).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${names}: '--labels' expected ${ITEMS} lines`),
    });
  });
});

describe("midx sample", () => {
  test("draws as the library does", async () => {
    const file = await builtIndex();
    const index = await load(readFileSync(file));
    const { ids, scores, logQ } = index.sample(query, 6, { seed: 3, scan: 0 });
    const { stdout } = await midx([
      "sample",
      file,
      "--vector",
      vector,
      "--draws",
      "6",
      "--seed",
      "3",
      "--scan",
      "0",
      "--json",
    ]);
    expect(jsonLines(stdout)).toMatchObject([
      { ids: Array.from(ids), scores: Array.from(scores), logQ: Array.from(logQ), seed: "3" },
    ]);
  });

  test("prints a line for each draw, with its label", async () => {
    const names = writeInput("names.txt", `${labels.join("\r\n")}\r\n`);
    const argv = ["sample", await builtIndex(), "--vector", vector, "--draws", "6", "--labels", names];
    const { code, stdout } = await midx(argv);
    expect(code).toBe(0);
    expect(stdout.match(/^ *(\d+) .* name-\1$/gm)).toHaveLength(6);
  });

  test("draws from the softmax itself with --exact, without a logQ", async () => {
    const file = await builtIndex();
    const { ids, scores } = (await load(readFileSync(file))).sample(query, 6, { seed: 3, exact: true });
    const argv = ["sample", file, "--vector", vector, "--draws", "6", "--seed", "3", "--exact"];
    const [answer] = jsonLines((await midx([...argv, "--json"])).stdout);
    const drawn = { ids: Array.from(ids), scores: Array.from(scores), effectiveSampleSize: 6 };
    expect(answer).toEqual({ ...drawn, scored: ITEMS, seed: "3" });
    const { stdout } = await midx(argv);
    expect(stdout.split("\n")[0]?.trim().split(/ +/)).toEqual(["id", "score"]);
  });

  test.each([[[]], [["--exact"]]])(
    "draws distinct classes with their keys and weights: --distinct %j",
    async (exact) => {
      const file = await builtIndex();
      const index = await load(readFileSync(file));
      const expected = index.sampleTopK(query, 6, { seed: 3, exact: exact.length > 0, exclude: [3], temperature: 2 });
      const options = ["--draws", "6", "--seed", "3", "--distinct", "--exclude", "3", "--temperature", "2", ...exact];
      const argv = ["sample", file, "--vector", vector, ...options];
      expect(jsonLines((await midx([...argv, "--json"])).stdout)[0]).toEqual({
        ids: Array.from(expected.ids),
        scores: Array.from(expected.scores),
        keys: Array.from(expected.keys),
        logWeights: Array.from(expected.logWeights),
        threshold: expected.threshold,
        exact: expected.exact,
        scored: expected.scored,
        seed: "3",
      });
      const lines = (await midx(argv)).stdout.split("\n");
      expect(lines[0]?.trim().split(/ +/)).toEqual(["id", "score", "key", "logWeight"]);
      expect(lines).toContain(`threshold       ${expected.threshold.toFixed(4)}`);
    },
  );

  test("explores with exact propensities", async () => {
    const file = await builtIndex();
    const index = await load(readFileSync(file));
    const sampled = (...options: string[]) => midx(["sample", file, "--vector", vector, ...options]);
    const { stdout } = await sampled("--draws", "9", "--uniform", "0.5", "--seed", "7", "--json");
    const expected = index.sample(query, 9, { mixture: { uniform: 0.5 }, seed: 7 });
    expect(jsonLines(stdout)[0]).toMatchObject({ ids: Array.from(expected.ids), logQ: Array.from(expected.logQ) });
    expect(await sampled("--power", "2")).toMatchObject({ code: 2, stderr: "error: '--power' needs '--popular'\n" });
    expect((await sampled("--uniform", "0.6", "--popular", "0.6")).stderr).toContain("expected a sum of at most 1");
    expect((await sampled("--uniform", "0.6", "--distinct")).stderr).toContain(
      "cannot be used with option '--distinct'",
    );
    expect((await sampled("--popular", "0.6", "--exact")).stderr).toContain("cannot be used with option '--popular");
    expect(await sampled("--popular", "0.1")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected an index built with "bias" (--bias), got one without'),
    });
  });

  test("draws every class once where --distinct asks for more than there are", async () => {
    const argv = ["sample", await builtIndex(), "--vector", vector, "--draws", "2000", "--distinct", "--json"];
    const [answer] = jsonLines((await midx(argv)).stdout);
    expect(new Set(answer?.ids as number[]).size).toBe(ITEMS);
    expect(answer?.threshold).toBeNull();
  });

  test("takes no --scan auto", async () => {
    const argv = ["sample", await builtIndex(), "--vector", vector, "--scan", "auto"];
    expect(await midx(argv)).toMatchObject({ code: 2, stderr: expect.stringContaining("'auto' is invalid") });
  });
});
