import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { load } from "../../src/index.ts";
import { type BuildOptions, build } from "../../src/train/index.ts";
import { makeFolder } from "../cli/files.ts";
import { randomRows } from "../train/rows.ts";

export const EXAMPLES = resolve("examples/python");
export const [N, D] = [600, 21];
const QUERIES = 3;

/** Returns the first Python 3 that has a module. */
export function pythonWith(module: string): string | undefined {
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
export const numpy = pythonWith("numpy");
export const skipped = (module: string, python: string | undefined) => (python ? "" : `, skipped without ${module}`);

/** Runs a program that has the reader, numpy and the arguments, and returns the JSON that it prints. */
export function python(program: string, ...args: string[]): unknown {
  const imports = "import json, sys\nimport numpy as np\nfrom midx_index import Index\n";
  const env = { ...process.env, PYTHONPATH: EXAMPLES, PYTHONDONTWRITEBYTECODE: "1" };
  return JSON.parse(execFileSync(numpy as string, ["-c", imports + program, ...args], { env, encoding: "utf8" }));
}

export const queries = randomRows(QUERIES * D, 3).map((value) => 2 * value);
/** What reads the queries in such a program, as its second argument. */
export const asked = `queries = np.array(json.loads(sys.argv[2]), "f4").reshape(${QUERIES}, -1)\n`;

export async function fileOf(options: BuildOptions): Promise<{ path: string; file: Uint8Array<ArrayBuffer> }> {
  const file = await build({ data: randomRows(N * D, 1), shape: [N, D] }, { calibrate: "off", ...options });
  const path = join(makeFolder(), "classes.midx");
  writeFileSync(path, file);
  return { path, file };
}

/** Returns the largest difference between the log Q of the reader and that of the library, over all classes. */
export async function largestDifference(
  path: string,
  file: Uint8Array<ArrayBuffer>,
  asking = queries,
): Promise<number> {
  const found = python(`${asked}print(json.dumps(Index(sys.argv[1]).log_q(queries).tolist()))`, path, `[${asking}]`);
  const index = await load(file);
  const ids = Int32Array.from({ length: N }, (_, i) => i);
  const differences = Array.from({ length: QUERIES }, (_, q) => {
    const logQ = index.logQ(asking.subarray(q * D, (q + 1) * D), ids, { scan: 0 });
    return Math.max(...logQ.map((value, id) => Math.abs(value - ((found as number[][])[q]?.[id] as number))));
  });
  return Math.max(...differences);
}

export const bias = randomRows(N, 2);
export const labels = Array.from({ length: N }, (_, i) => `${i}`);

/** What the reader says of a file that is none of its own. */
export const refusalOf = (path: string): unknown =>
  python("try:\n    Index(sys.argv[1])\nexcept ValueError as error:\n    print(json.dumps(str(error)))", path);
