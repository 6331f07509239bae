import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeChanges } from "../../src/changes/index.ts";
import { load } from "../../src/index.ts";
import { compact } from "../../src/train/compaction/index.ts";
import { type BuildOptions, build } from "../../src/train/index.ts";
import { bundleCli } from "../cli/bundle.ts";
import { makeFolder } from "../cli/files.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "../train/rows.ts";

const EXAMPLES = resolve("examples/python");
const [N, D, QUERIES] = [600, 21, 3];

/** Returns the first Python 3 that has a module. */
function pythonWith(module: string): string | undefined {
  return ["python3", "/usr/bin/python3"].find((python) => {
    try {
      const find = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)";
      execFileSync(python, ["-c", find, module], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}
const numpy = pythonWith("numpy");
const torch = pythonWith("torch");
const skipped = (module: string, python: string | undefined) => (python ? "" : `, skipped without ${module}`);

/** Runs a program that has the reader, numpy and the arguments, and returns the JSON that it prints. */
function python(program: string, ...args: string[]): unknown {
  const imports = "import json, sys\nimport numpy as np\nfrom midx_index import Index\n";
  const env = { ...process.env, PYTHONPATH: EXAMPLES, PYTHONDONTWRITEBYTECODE: "1" };
  return JSON.parse(execFileSync(numpy as string, ["-c", imports + program, ...args], { env, encoding: "utf8" }));
}

const queries = randomRows(QUERIES * D, 3).map((value) => 2 * value);
const asked = `queries = np.array(json.loads(sys.argv[2]), "f4").reshape(${QUERIES}, -1)\n`;

async function fileOf(options: BuildOptions): Promise<{ path: string; file: Uint8Array<ArrayBuffer> }> {
  const file = await build({ data: randomRows(N * D, 1), shape: [N, D] }, { calibrate: "off", ...options });
  const path = join(makeFolder(), "classes.midx");
  writeFileSync(path, file);
  return { path, file };
}

/** Returns the largest difference between the log Q of the reader and that of the library, over all classes. */
async function largestDifference(path: string, file: Uint8Array<ArrayBuffer>, asking = queries): Promise<number> {
  const found = python(`${asked}print(json.dumps(Index(sys.argv[1]).log_q(queries).tolist()))`, path, `[${asking}]`);
  const index = await load(file);
  const ids = Int32Array.from({ length: N }, (_, i) => i);
  const differences = Array.from({ length: QUERIES }, (_, q) => {
    const logQ = index.logQ(asking.subarray(q * D, (q + 1) * D), ids, { scan: 0 });
    return Math.max(...logQ.map((value, id) => Math.abs(value - ((found as number[][])[q]?.[id] as number))));
  });
  return Math.max(...differences);
}

describe.skipIf(!numpy)(`the reader in Python${skipped("numpy", numpy)}`, () => {
  const bias = randomRows(N, 2);
  test.each<[string, BuildOptions]>([
    ["f32 rows with biases", { rowType: "f32", bits: 4, bias }],
    ["f16 rows in halves", { rowType: "f16", bits: 3, quantizer: "pq" }],
    [
      "i8 rows of unit length in halves, with biases",
      { rowType: "i8", bits: 4, quantizer: "pq", metric: "cosine", bias },
    ],
    ["i8 rows of unit length", { rowType: "i8", bits: 5, metric: "cosine" }],
    [
      "columns, labels and residuals",
      { rowType: "i8", labels: Array.from({ length: N }, (_, i) => `${i}`), residuals: true },
    ],
  ])("has the log Q of the library: %s", async (_, options) => {
    const { path, file } = await fileOf(options);
    expect(await largestDifference(path, file)).toBeLessThan(5e-4); // outliers of i8 rows are scored with a query of 16 bits
  });

  // Masses of the longest queries do not fit f32 side by side.
  test.each([16, 128])("has the log Q of the library for queries %s times as long", async (factor) => {
    const { path, file } = await fileOf({ rowType: "f32", bits: 4, bias });
    const longer = queries.map((value) => factor * value);
    expect(await largestDifference(path, file, longer)).toBeLessThan(5e-4);
  });

  // What rounding leaves of a bucket belongs to its last class, which may have a millionth of it.
  test("has the log Q of the library for biases of very different sizes", async () => {
    const { path, file } = await fileOf({ rowType: "f32", bits: 4, bias: bias.map((value) => 7 * value) });
    expect(await largestDifference(path, file)).toBeLessThan(0.02);
  });

  test("draws by the Q that it states", async () => {
    const { path } = await fileOf({ rowType: "f32", bits: 4 });
    const program = `${asked}index = Index(sys.argv[1])
ids, log_q = index.draw(queries, 40000, np.random.default_rng(7))
exact = index.log_q(queries)
assert np.array_equal(log_q, np.take_along_axis(exact, ids, 1))
print(json.dumps([[np.bincount(row, minlength=${N}).tolist() for row in ids], np.exp(exact).tolist()]))`;
    const [counts, laws] = python(program, path, `[${queries}]`) as [number[][], number[][]];
    for (const [q, law] of laws.entries()) {
      expect(law.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
      const { g, low, high } = goodnessOfFit(counts[q] as number[], law);
      expect(g).toBeGreaterThan(low);
      expect(g).toBeLessThan(high);
    }
  });

  const program = "try:\n    Index(sys.argv[1])\nexcept ValueError as error:\n    print(json.dumps(str(error)))";
  test("refuses another safetensors file", () => {
    const path = join(makeFolder(), "other.safetensors");
    writeFileSync(path, Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{}")]));
    expect(python(program, path)).toBe(
      `${path} expected an index file, got another safetensors file: midx build makes an index of its rows`,
    );
  });

  test.each(["", "short", '{"items": ["item-17", "item-4"]}\n', "\u0002\0\0\0\0\0\0\0{x"])(
    "refuses a file that is none of safetensors: %j",
    (text) => {
      const path = join(makeFolder(), "other.midx");
      writeFileSync(path, text);
      expect(python(program, path)).toBe(`${path} expected an index file, got another one`);
    },
  );

  test("refuses changes of an index, and reads what compaction makes of both", async () => {
    const { file } = await fileOf({ rowType: "i8", bits: 3, labels: Array.from({ length: N }, (_, i) => `${i}`) });
    const upserts = { labels: ["new", "7"], rows: randomRows(2 * D, 9) };
    const changes = encodeChanges(await load(file), { upserts, removals: ["8"] });
    const path = join(makeFolder(), "classes.midxd");
    writeFileSync(path, changes);
    const refusal = `${path} expected an index file, got changes of one: midx compact makes an index of both`;
    expect(python(program, path)).toBe(refusal);
    const { file: compacted } = await compact(file, changes, { calibrate: "carry" });
    writeFileSync(path, compacted);
    const found = python(`${asked}print(json.dumps(Index(sys.argv[1]).log_q(queries).tolist()))`, path, `[${queries}]`);
    const ids = Int32Array.from({ length: N }, (_, i) => i);
    const logQ = (await load(compacted)).logQ(queries.subarray(0, D), ids, { scan: 0 });
    for (const [id, value] of logQ.entries()) expect((found as number[][])[0]?.[id]).toBeCloseTo(value, 3);
  });
});

describe.skipIf(!torch)(`training with PyTorch${skipped("torch", torch)}`, () => {
  let cli: Awaited<ReturnType<typeof bundleCli>>;
  beforeAll(async () => {
    cli = await bundleCli();
  });
  afterAll(() => cli.remove());

  test("lowers the loss of the full softmax", () => {
    // One thread: more of them would wait for each other longer than such small batches take.
    const env = {
      ...process.env,
      MIDX: `${process.execPath} ${cli.cli}`,
      PYTHONDONTWRITEBYTECODE: "1",
      OMP_NUM_THREADS: "1",
    };
    const program = [join(EXAMPLES, "train_with_torch.py"), makeFolder(), "2"];
    const output = execFileSync(torch as string, program, { env, encoding: "utf8" });
    const losses = Array.from(output.matchAll(/loss (\d+\.\d+)/g), ([, loss]) => Number(loss));
    expect(losses).toHaveLength(3);
    expect(losses[0]).toBeGreaterThan(Math.log(2000) - 0.2);
    expect(losses[2]).toBeLessThan(5);
  });
});
