// The time of a load (npm run bench:load; with --write: bench/results/load.json and docs/scale.md), on made-up rows. In
// Node, the validation of the tensors is timed apart. In workerd the clock stands still during work, so a request that
// loads its body is compared with one that only reads it.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startWrangler } from "../scripts/server/wrangler-dev.ts";
import { limitsOf } from "../src/memory/load-options.ts";
import { openIndex } from "../src/memory/opened-index.ts";
import { validateTensors } from "../src/memory/validate.ts";
import { modules } from "./library.ts";
import type { LoadResult, LoadTimes } from "./load/result.ts";
import { loadTable } from "./load/table.ts";
import { madeUp } from "./made-up.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { median } from "./timing.ts";

const ROUNDS = 21;
/** int8 rows with bias take 76 bytes a class: 20 MB, and 24 MiB, which is the largest file among a Worker's assets. */
const SIZES = [262_000, 329_000];

const sizes: LoadTimes[] = [];
for (const itemCount of SIZES) {
  const file = await madeUp(itemCount);
  const { load, validation } = await timesInNode(file);
  sizes.push({ itemCount, fileBytes: file.byteLength, load, validation, loadInWorkerd: await loadInWorkerd(file) });
}
const result: LoadResult = {
  ...originOf("one core"),
  wrangler: JSON.parse(readFileSync(new URL("../node_modules/wrangler/package.json", import.meta.url), "utf8")).version,
  rounds: ROUNDS,
  sizes,
};
console.log(loadTable(result));
if (process.argv.includes("--write")) {
  writeFileSync(new URL("results/load.json", import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`);
  replaceBetween("docs/scale.md", "load", loadTable(result));
}

async function timesInNode(file: Uint8Array): Promise<{ readonly load: number; readonly validation: number }> {
  const loads: number[] = [];
  const validations: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const { kernels, header, plan } = await openIndex(modules, file, limitsOf({}));
    const between = performance.now();
    loads.push(between - start);
    validateTensors(kernels, header, plan);
    validations.push(performance.now() - between);
  }
  return { load: median(loads), validation: median(validations) };
}

/** Measures the additional time of a request that loads its body, compared with the one before it, which only reads it. */
async function loadInWorkerd(file: Uint8Array<ArrayBuffer>): Promise<number> {
  const worker = await startWrangler(fileURLToPath(new URL("load", import.meta.url)));
  try {
    const timeOf = async (path: string): Promise<number> => {
      const start = performance.now();
      const response = await fetch(worker.url + path, { method: "POST", body: file });
      const answer = await response.text();
      if (!response.ok) throw new Error(`${path} gave ${response.status}: ${answer}`);
      return performance.now() - start;
    };
    const times: Record<"/read" | "/load", number[]> = { "/read": [], "/load": [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const path of ["/read", "/load"] as const) times[path].push(await timeOf(path));
    }
    return median(times["/load"].map((time, round) => time - (times["/read"][round] as number)));
  } finally {
    await worker.stop();
  }
}
