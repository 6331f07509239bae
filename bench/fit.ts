// The value of fitting codebooks to queries (npm run bench:fit): indexes built with and without it, measured over all classes
// on queries that no build has seen. --write writes bench/results/fit.json and the tables of docs/fitting.md.
import { mkdirSync, writeFileSync } from "node:fs";
import { DEFAULT_DRAWS } from "../src/answers/options.ts";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { mean, quantile } from "../src/train/arithmetic/averages.ts";
import type { BuildOptions, FitReport } from "../src/train/index.ts";
import { halves } from "../test/fixtures/next-word.ts";
import type { FitResult, FittedBuild, FittedHead, MeasuredProposal } from "./fit/result.ts";
import { fitTables } from "./fit/table.ts";
import { haveTokens, tokensHead } from "./heads.ts";
import { build, load } from "./library.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";

/** A softmax layer. Without counts, classes have equal weights. */
interface Layer {
  readonly name: string;
  readonly itemCount: number;
  readonly dim: number;
  readonly data: Float32Array;
  readonly bias: Float32Array;
  readonly counts?: Uint32Array;
  readonly queries: Float32Array;
}

const SCANS = [0, 1024] as const;
/** One query out of this number is kept from every build. */
const UNSEEN_OF = 8;

const layers: Layer[] = [nextWord(), ...(haveTokens() ? [tokensHead("100,000 C tokens", 100_000)] : [])];
const heads: FittedHead[] = [];
for (const layer of layers) heads.push(await measureLayer(layer));
const result: FitResult = { ...originOf("one core"), heads };
console.log(fitTables(result));
if (process.argv.includes("--write") && heads.length === 2) {
  mkdirSync(new URL("results/", import.meta.url), { recursive: true });
  writeFileSync(new URL("results/fit.json", import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`);
  replaceBetween("docs/fitting.md", "fit", fitTables(result));
}

/** Returns the layer of examples/next-word, which is in the repository. */
function nextWord(): Layer {
  const [itemCount, dim] = [10_000, 100];
  const data = halves("head.safetensors", "weight");
  const bias = halves("head.safetensors", "bias");
  return { name: "10,000 words", itemCount, dim, data, bias, queries: halves("queries.safetensors", "queries") };
}

async function measureLayer(layer: Layer): Promise<FittedHead> {
  const { name, itemCount, dim, data, bias, counts, queries } = layer;
  const isUnseen = (_: number, i: number): boolean => Math.floor(i / dim) % UNSEEN_OF === 0;
  const unseen = queries.filter(isUnseen);
  const seen = queries.filter((value, i) => !isUnseen(value, i));
  let bits = 0;
  const measured = async (title: string, options: BuildOptions): Promise<FittedBuild> => {
    let fit: FitReport | undefined;
    const reached: number[] = [];
    const start = cpuSeconds();
    const file = await build(
      { data, shape: [itemCount, dim] },
      {
        bias,
        calibrate: "off",
        ...options,
        onReport: (report) => ({ fit } = report),
        onProgress: ({ phase }) => phase === "fit" && reached.push(cpuSeconds()),
      },
    );
    const seconds = cpuSeconds() - start;
    const index = await load(file);
    bits = 31 - Math.clz32(index.info.codewordCount);
    const proposals = SCANS.map((scan) => measureProposal(index, unseen, scan));
    index.dispose();
    console.log(title, seconds.toFixed(1), "s");
    console.table(proposals);
    const stepTimes = reached.slice(1).map((time, i) => ({ seconds: time - (reached[i] as number) }));
    return { name: title, seconds, measured: proposals, ...(fit && { fit, stepTimes }) };
  };

  console.log(`\n${name}`);
  const weighted = counts ? { counts } : {};
  const builds = [
    await measured("k-means", {}),
    ...(counts ? [await measured("k-means weighted by count^½", weighted)] : []),
    await measured("fitted, plain", { ...weighted, queries: seen, fit: { scan: 0 } }),
    await measured("fitted, head of 1,024", { ...weighted, queries: seen, fit: { scan: 1024 } }),
  ];
  return { name, itemCount, dim, bits, queryCount: unseen.length / dim, builds };
}

/** Returns the CPU seconds of this thread, which other programs on the machine do not change. */
function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

function measureProposal(index: MultiIndex, queries: Float32Array, scan: number): MeasuredProposal {
  const { itemCount, dim } = index.info;
  const ids = Int32Array.from({ length: itemCount }, (_, id) => id);
  const count = queries.length / dim;
  const [kl, chiSquare] = [new Float64Array(count), new Float64Array(count)];
  const [logTotalError, drawnError] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    const query = queries.subarray(i * dim, (i + 1) * dim);
    const { logPartition } = index.logPartition(query, { exact: true });
    const logQ = index.logQ(query, ids, { scan });
    const logP = Float64Array.from(index.score(query, ids), (score) => score - logPartition);
    kl[i] = logP.reduce((sum, log, id) => sum + Math.exp(log) * (log - (logQ[id] as number)), 0);
    chiSquare[i] = logP.reduce((sum, log, id) => sum + Math.exp(2 * log - (logQ[id] as number)), -1);
    const errorWith = (draws: number): number =>
      Math.abs(index.logPartition(query, { scan, draws, seed: 1 }).logPartition - logPartition);
    logTotalError[i] = errorWith(0);
    drawnError[i] = errorWith(DEFAULT_DRAWS);
  }
  return {
    scan,
    kl: mean(kl),
    klError: standardError(kl),
    chiSquareMedian: quantile(chiSquare, 0.5),
    chiSquareP90: quantile(chiSquare, 0.9),
    shareLimit: mean(chiSquare.map((value) => 1 / (1 + value))),
    logTotalError: mean(logTotalError),
    drawnError: mean(drawnError),
  };
}

/** Computes the standard error of the mean of independent values. */
function standardError(values: Float64Array): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)) / (values.length - 1));
}
