import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { load } from "../../../src/index.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral, safetensorsBytes, writeInput } from "../files.ts";
import { jsonLines, midx, noise, writeTable } from "../run.ts";

const head = (itemCount: number, dim: number) =>
  safetensorsBytes([
    { name: "weight", dtype: "F32", shape: [itemCount, dim], data: noise(itemCount * dim) },
    { name: "bias", dtype: "F32", shape: [itemCount], data: noise(itemCount, 2) },
    { name: "other", dtype: "F32", shape: [2, 2], data: noise(4) },
  ]);

const writeCounts = (count: number): string =>
  writeInput("counts.npy", npyBytes(npyLiteral("<f4", `(${count},)`), bytesOf(noise(count, 3).map(Math.abs))));

describe("midx build", () => {
  test("writes an index that the library loads, and says what it made and how good it is", async () => {
    const output = join(makeFolder(), "out.midx");
    const input = writeInput("head.safetensors", head(200, 6));
    const queries = writeTable(30, 6, 9);
    const argv = ["build", input, "-o", output, "--tensor", "weight", "--bias", "bias", "--queries", queries];
    const { code, stdout, stderr } = await midx(argv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const bytes = readFileSync(output);
    const index = await load(bytes);
    expect(index.info).toMatchObject({ itemCount: 200, dim: 6, rowType: "i8", quantizer: "rq", hasBias: true });
    expect(stdout).toContain(index.info.contentId);
    expect(stdout).toMatch(/^index +RQ2x3,SQ8, 200 × 6, dot, with bias$/m);
    expect(stdout).toContain(`${bytes.byteLength}, ${(bytes.byteLength / 200).toFixed(1)} per row`);
    expect(stdout).toMatch(new RegExp(`^buckets .* ${index.info.largestBucket} classes in the largest$`, "m"));
    expect(stdout).toMatch(/^row error +0\.\d+ % /m);
    expect(stdout).toContain("on 30 held-out queries");
    // All 200 classes are in the head of 1,024, so nothing is approximated.
    expect(stdout).toMatch(/^recall@10 +1\.0000$/m);
    expect(stdout).toMatch(/^KL\(P‖Q\) +-?0\.0000\d nats$/m);
    expect(stdout).toMatch(/^effective sample size +(1\.0000|0\.9999) per draw$/m);
  });

  test.each([
    { asked: "queries", weights: "bias", told: /^calibration +30 queries, \d+ answers, in /m, source: "queries" },
    { asked: "nothing", weights: "bias", told: /^calibration +32 stand-in queries, /m, source: "stand-ins" },
    { asked: "counts, no calibration", weights: "counts", told: /^calibration +none was made$/m, source: undefined },
  ])("says what it weighted rows by and measured bars with, as midx inspect does: $asked", async (expected) => {
    const { asked, weights, told, source } = expected;
    const output = join(makeFolder(), "out.midx");
    const input = writeInput("head.safetensors", head(1200, 6));
    const queries = asked === "queries" ? ["--queries", writeTable(30, 6, 9)] : [];
    const counts = weights === "counts" ? ["--counts", writeCounts(1200), "--calibrate", "off"] : [];
    const argv = ["build", input, "-o", output, "--tensor", "weight", "--bias", "bias", ...queries, ...counts];
    const { code, stdout } = await midx(argv);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^outliers +150 classes /m);
    expect(stdout).toContain(
      weights === "bias"
        ? "k-means weighted rows by e^(bias / 4)"
        : "weighted rows by the square roots of their counts",
    );
    expect(stdout).toMatch(told);
    const { info } = await load(readFileSync(output));
    expect(info).toMatchObject({ weights, outlierCount: 150, calibration: { calibrated: source !== undefined } });
    expect(info.calibration.source).toBe(source);
    const inspected = (await midx(["inspect", output])).stdout;
    expect(inspected).toMatch(source ? new RegExp(`on \\d+ ${source}, factor`) : /none for dispersion-5/);
    expect(inspected).toMatch(new RegExp(`^weights +${weights}$`, "m"));
  });

  test("prints one JSON event a line with --json: progress, then the result", async () => {
    const output = join(makeFolder(), "out.midx");
    const { code, stdout } = await midx(["build", writeTable(100, 4), "-o", output, "--json", "--seed", "-1"]);
    expect(code).toBe(0);
    const events = jsonLines(stdout);
    const built = events.pop();
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(["progress"]));
    expect(events.map(({ phase }) => phase)).toEqual(expect.arrayContaining(["train", "encode", "write", "measure"]));
    expect(events.filter(({ done, total }) => !(Number(done) <= Number(total)))).toEqual([]);
    expect(built).toMatchObject({
      event: "built",
      output,
      origin: "rows",
      info: { itemCount: 100, dim: 4 },
      report: { largestBucket: expect.any(Number), rowError: expect.any(Number) },
      quality: { queryCount: 100, recallAt10: 1 },
    });
  });

  test("says what recall curves were measured with, and what the stored rows lost", async () => {
    const output = join(makeFolder(), "out.midx");
    const argv = ["build", writeTable(400, 6), "-o", output, "--fine-codes"];
    const made = await midx(argv);
    expect(made.stdout).toMatch(
      /^recall curves +measured on 256 stand-in queries, so a recall keeps a larger margin;/m,
    );
    const given = await midx([...argv, "--queries", writeTable(30, 6, 9)]);
    expect(given.stdout).toMatch(/^recall curves +measured on 30 queries$/m);
    const few = await midx([...argv.with(3, join(makeFolder(), "few.midx")), "--queries", writeTable(1, 6, 9)]);
    expect(few.stdout).toMatch(
      /^recall curves +measured on 1 query\. They promise at most 0\.\d\d of the 10 best classes, so topK reads all rows by default; more queries may promise more$/m,
    );
    const { recallQueries, rowRecall } = (await load(readFileSync(output))).info;
    expect(recallQueries).toBe("queries");
    const percent = (100 * (rowRecall as number)).toFixed(2);
    expect(given.stdout).toMatch(new RegExp(`^row recall +${percent} % of the 10 best original rows`, "m"));
    const { stdout } = await midx(["inspect", output]);
    expect(stdout).toMatch(/^recallQueries +queries$/m);
    expect(stdout).toMatch(new RegExp(`^rowRecall +${rowRecall}$`, "m"));
    expect((await midx(["build", writeTable(400, 6), "-o", output])).stdout).not.toContain("recall curves");
    const old = fileURLToPath(new URL("../../golden/format-1.0/rq-i8-bias-codes.midx", import.meta.url));
    expect((await midx(["inspect", old])).stdout).toMatch(/^recallQueries +unknown$/m);
  });

  test("passes every option on", async () => {
    const output = join(makeFolder(), "out.midx");
    const argv = ["build", writeTable(64, 5), "-o", output, "--quantizer", "pq", "--bits", "2", "--row-type", "f16"];
    argv.push("--calibrate", "off");
    expect((await midx([...argv, "--metric", "cosine", "--seed", "7"])).code).toBe(0);
    const { info } = await load(readFileSync(output));
    expect(info).toMatchObject({ factory: "PQ2x2,SQfp16", metric: "cosine", codewordCount: 4 });
    const first = readFileSync(output);
    await midx([...argv, "--metric", "cosine", "--seed", "7"]);
    expect(readFileSync(output).equals(first)).toBe(true);
    const counts = writeInput(
      "c.npy",
      npyBytes(npyLiteral("<i8", "(64,)"), bytesOf(BigInt64Array.from({ length: 64 }, (_, i) => BigInt(i)))),
    );
    await midx([...argv, "--metric", "cosine", "--seed", "7", "--counts", counts]);
    expect(readFileSync(output).equals(first)).toBe(false);
  });

  test("builds from no rows at all", async () => {
    const input = writeInput("w.npy", npyBytes(npyLiteral("<f4", "(0, 3)"), new Uint8Array(0)));
    const output = join(makeFolder(), "out.midx");
    const { code, stdout, stderr } = await midx(["build", input, "-o", output]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("0 × 3");
    expect(stdout.replace(output, "")).not.toContain("NaN");
    const queries = writeTable(3, 3);
    for (const more of [[], ["--tune"], ["--queries", queries], ["--max-memory", "1000"], ["--threads", "2"]]) {
      const built = await midx(["build", input, "-o", output, "--json", ...more]);
      expect({ code: built.code, stderr: built.stderr }, more.join(" ")).toEqual({ code: 0, stderr: "" });
      expect(jsonLines(built.stdout)[0]).not.toHaveProperty("quality");
    }
  });

  test("is silent about progress in a pipe and in CI, and draws a bar on a terminal", async () => {
    const terminal = () => Object.assign(new PassThrough(), { isTTY: true as const });
    const argv = ["build", writeTable(100, 4), "-o", join(makeFolder(), "out.midx"), "--calibrate", "off"];
    expect((await midx(argv)).stderr).toBe("");
    expect((await midx(argv, { terminal: terminal(), env: { CI: "true" } })).stderr).toBe("");
    const { stderr, stdout } = await midx(argv, { terminal: terminal() });
    expect(stderr).toMatch(/train +\[.*\] \d+%/);
    expect(stderr.lastIndexOf("\x1b[?25h")).toBeGreaterThan(stderr.lastIndexOf("\x1b[?25l"));
    expect(stdout).not.toContain("\x1b");
  });

  test("leaves the old file and no other when it fails or is interrupted", async () => {
    const folder = makeFolder();
    const output = join(folder, "out.midx");
    writeFileSync(output, "old");
    const bad = writeInput("w.npy", npyBytes(npyLiteral("<f4", "(1, 2)"), bytesOf(Float32Array.of(1, Number.NaN))));
    expect((await midx(["build", bad, "-o", output])).code).toBe(3);
    const interrupted = await midx(["build", writeTable(100, 4), "-o", output], {
      signal: AbortSignal.abort(new Error("interrupted")),
    });
    expect(interrupted).toMatchObject({ code: 1, stderr: "error: interrupted\n" });
    expect(readdirSync(folder)).toEqual(["out.midx"]);
    expect(readFileSync(output, "utf8")).toBe("old");
  });

  test("says so if the file has biases that the build leaves out, in one file, on the disk and in parts", async () => {
    const input = writeInput("head.safetensors", head(200, 6));
    const quick = ["--tensor", "weight", "--calibrate", "off"];
    const note = `note: ${input} has a tensor "bias" with a number for each row, which this build leaves out: --bias bias builds with it\n`;
    for (const extra of [[], ["--max-memory", "1000"], ["--parts", "2"]]) {
      const argv = ["build", input, "-o", join(makeFolder(), "out"), ...quick, ...extra];
      const { code, stderr } = await midx(argv);
      expect(stderr.split(note), stderr).toHaveLength(2);
      expect(code).toBe(0);
    }
    const named = ["build", input, "-o", join(makeFolder(), "out"), ...quick, "--bias", "bias"];
    expect((await midx(named)).stderr).toBe("");
    // "other.weight" has a bias of another length.
    const others = safetensorsBytes([
      { name: "weight", dtype: "F32", shape: [20, 6], data: noise(120) },
      { name: "unbiased", dtype: "F32", shape: [20], data: noise(20) },
      { name: "other.bias", dtype: "F32", shape: [6], data: noise(6) },
    ]);
    const plain = ["build", writeInput("plain.safetensors", others), "-o", join(makeFolder(), "out"), ...quick];
    expect((await midx(plain)).stderr).toBe("");
  });

  test("refuses, before the work, an output it could not or should not write", async () => {
    const input = writeTable(10, 2);
    const folder = makeFolder();
    mkdirSync(join(folder, "out.midx"));
    const [link, linked] = [join(folder, "link.midx"), join(folder, "linked")];
    symlinkSync(input, link);
    symlinkSync(dirname(input), linked);
    const linkedPath = join(linked, basename(input));
    const same = { code: 2, stderr: expect.stringContaining("are the same file") };
    expect(await midx(["build", input, "-o", join(dirname(input), ".", basename(input))])).toMatchObject(same);
    expect(await midx(["build", input, "-o", link])).toMatchObject(same);
    expect(await midx(["build", input, "-o", linkedPath])).toMatchObject(same);
    expect(await midx(["build", link, "-o", input])).toMatchObject(same);
    const names = writeInput("clicks.jsonl", '{"items":["a","b"]}\n');
    const outputs = ["-o", join(linked, "new"), "--labels-out", join(dirname(input), "new")];
    expect(await midx(["train", names, "--task", "next-item", ...outputs])).toMatchObject(same);
    expect((await midx(["build", input, "-o", join(folder, "out.midx")])).code).toBe(2);
    expect((await midx(["build", input, "-o", join(folder, "none", "out.midx")])).code).toBe(1);
  });

  test.each([
    [2, ["--tensor", "nothing"], 'no tensor "nothing"'],
    [2, [], "'--tensor' is missing: 2 tensors"],
    [2, ["--tensor", "weight", "--bias", "other"], "'--bias' expected a vector"],
    [2, ["--tensor", "weight", "--dim", "7"], "'--dim' is 7, but the file has rows of 6 values"],
    [2, ["--tensor", "weight", "--counts", "missing.txt"], 'neither a tensor "missing.txt"'],
    [2, ["--tensor", "weight", "--counts", "missing.npy"], "missing.npy"],
    [2, ["--tensor", "weight", "--bits", "11"], "'--bits <B>' argument '11' is invalid"],
    [2, ["--tensor", "weight", "--bits", "two"], "'--bits <B>' argument 'two' is invalid"],
    [2, ["--tensor", "weight", "--row-type", "i4"], "'--row-type <type>' argument 'i4' is invalid"],
    [2, ["--tensor", "weight", "--metric", "euclidean"], "'euclidean' is invalid"],
    [2, ["--tensor", "weight", "--seed", "1.5"], "'1.5' is invalid"],
    [2, ["--speed", "9"], "unknown option '--speed'"],
    [2, ["more"], "too many arguments: expected one file of rows, got 2: join them first"],
  ])("exits with %i and names what is wrong: %j", async (code, options, message) => {
    const input = writeInput("head.safetensors", head(20, 6));
    const outcome = await midx(["build", input, "-o", join(makeFolder(), "out.midx"), ...options]);
    expect(outcome.stderr).toContain(message);
    expect(outcome).toMatchObject({ code, stdout: "" });
  });

  test("exits with 3 for a damaged file of embeddings, naming file and reason", async () => {
    const input = writeInput("head.safetensors", head(20, 6).subarray(0, 100));
    const { code, stderr } = await midx(["build", input, "-o", join(makeFolder(), "out.midx")]);
    expect(code).toBe(3);
    expect(stderr).toContain(input);
    expect(stderr).toContain("file-truncated");
  });
});
