// The growth of time, memory and builds with the number of classes (npm run bench:scale): the most frequent 10,000 to
// 1,000,000 classes of a head of C tokens, and 4,000,000 noisy copies of them. --write writes bench/results/scale.json
// and the table of docs/scale.md. --sizes measures files and their memory alone, and keeps the times that are there.

import { fullSoftmax, fullTop } from "./full-softmax.ts";
import { type Head, haveTokens, tokensHead } from "./heads.ts";
import { build, buildMeasured, load } from "./library.ts";
import { startNoise } from "./noise.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { readResult, writeResult } from "./results-file.ts";
import type { ScaleResult, ScaleSize } from "./scale/result.ts";
import { scaleTable } from "./scale/table.ts";
import { medianTimes } from "./timing.ts";

const SIZES = [10_000, 31_623, 100_000, 316_228, 1_000_000];
const SYNTHETIC = 4_000_000;
const ROUNDS = 8;
const BURST = 32;
const CALIBRATION_QUERIES = 128;

if (haveTokens()) {
  const result = process.argv.includes("--sizes") ? await measuredAgain(readResult("scale")) : await measured();
  console.log(scaleTable(result));
  if (process.argv.includes("--write")) {
    replaceBetween("docs/scale.md", "scale", scaleTable(writeResult("scale", result)));
  }
}

function headOf(itemCount: number, isSynthetic: boolean): Head {
  return isSynthetic ? copies(tokensHead("tokens", 1_000_000), itemCount) : tokensHead("tokens", itemCount);
}

async function measured(): Promise<ScaleResult> {
  const sizes: ScaleSize[] = [];
  for (const itemCount of SIZES) sizes.push(await measureSize(headOf(itemCount, false), false));
  sizes.push(await measureSize(headOf(SYNTHETIC, true), true));
  const builder = "RQ, K = 256 (10,000 classes: 64, 31,623: 128), int8 rows, fine codes, D = 64";
  return { ...originOf("one core"), builder, sizes };
}

/** Measures the files and their memory anew. */
async function measuredAgain(before: ScaleResult): Promise<ScaleResult> {
  const sizes: ScaleSize[] = [];
  for (const size of before.sizes) {
    const { data, itemCount, dim, bias, counts, queries } = headOf(size.itemCount, size.isSynthetic);
    const asked = queries.subarray(0, CALIBRATION_QUERIES * dim);
    const file = await buildMeasured(
      { data, shape: [itemCount, dim] },
      { bias, counts, queries: asked, fineCodes: true },
    );
    const index = await load(file, { maxBytes: 2 ** 31 });
    sizes.push({ ...size, fileBytes: index.info.fileBytes, memoryBytes: index.info.memoryBytes });
    index.dispose();
  }
  return { ...before, sizesCommit: originOf("").commit, sizes };
}

async function measureSize(
  { data, itemCount, dim, bias, counts, queries }: Head,
  isSynthetic: boolean,
): Promise<ScaleSize> {
  const matrix = { data, shape: [itemCount, dim] } as const;
  const start = performance.now();
  await build(matrix, { bias, counts, fineCodes: true });
  const buildSeconds = (performance.now() - start) / 1000;
  const asked = queries.subarray(0, CALIBRATION_QUERIES * dim);
  const file = await buildMeasured(matrix, { bias, counts, queries: asked, fineCodes: true });
  const loading = performance.now();
  const index = await load(file, { maxBytes: 2 ** 31 });
  const loadSeconds = (performance.now() - loading) / 1000;
  const heldOut = queries.subarray(CALIBRATION_QUERIES * dim);
  const query = (round: number): Float32Array => {
    const at = (round % (heldOut.length / dim)) * dim;
    return heldOut.subarray(at, at + dim);
  };
  index.topK(query(0), 10, { exact: true }); // measures the norms that bounds need, once
  const result: ScaleSize = {
    itemCount,
    isSynthetic,
    buildSeconds,
    loadSeconds,
    fileBytes: index.info.fileBytes,
    memoryBytes: index.info.memoryBytes,
    recallAt10: index.info.recallCurves[0]?.points.find(({ recall }) => recall >= 0.95)?.recall ?? 0,
    times: medianTimes(ROUNDS, BURST, {
      "top 10, recall .95": (i) => index.topK(query(i), 10, { recall: 0.95 }),
      "top 10, exact": (i) => index.topK(query(i), 10, { exact: true }),
      "predict, scan 1,024": (i) => index.predict(query(i), 10, { seed: i }),
      "sample 100, plain": (i) => index.sample(query(i), 100, { scan: 0, seed: i }),
      "1 exact draw": (i) => index.sample(query(i), 1, { exact: true, seed: i }),
      "scan of all rows, top 10": (i) => fullTop(index, query(i)),
      "scan of all rows, softmax": (i) => fullSoftmax(index, query(i), 0),
    }),
  };
  index.dispose();
  return result;
}

/**
 * Makes `itemCount` rows by repeating those of `head`, with each value changed by up to a twentieth of its row's
 * largest.
 */
function copies({ data, bias, counts, itemCount: given, dim, ...head }: Head, itemCount: number): Head {
  const wider = new Float32Array(itemCount * dim);
  const noise = startNoise();
  for (let row = 0; row < itemCount; row++) {
    const from = (row % given) * dim;
    let largest = 0;
    for (let d = 0; d < dim; d++) largest = Math.max(largest, Math.abs(data[from + d] as number));
    for (let d = 0; d < dim; d++) {
      wider[row * dim + d] = (data[from + d] as number) + (largest / 20) * noise();
    }
  }
  const repeat = <T extends Float32Array | Uint32Array>(values: T, out: T): T => {
    for (let row = 0; row < itemCount; row++) out[row] = values[row % given] as number;
    return out;
  };
  return {
    ...head,
    data: wider,
    itemCount,
    dim,
    bias: repeat(bias, new Float32Array(itemCount)),
    counts: repeat(counts, new Uint32Array(itemCount)),
  };
}
