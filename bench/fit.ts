// The value of fitting codebooks to queries (npm run bench:fit): builds with and without it, measured on queries that
// none of them has seen. --write writes bench/results/fit.json and the tables of docs/fitting.md.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { mean, quantile } from "../src/train/arithmetic/averages.ts";
import { groupQueries, type QueryGroup } from "../src/train/fitting/query-groups.ts";
import { type FitTools, placeClasses } from "../src/train/fitting/resident-classes.ts";
import { validate } from "../src/train/fitting/validation.ts";
import type { BuildOptions, FitReport } from "../src/train/index.ts";
import { startArena } from "../src/train/runtime/arena.ts";
import { runSync } from "../src/train/runtime/event-loop.ts";
import { halves } from "../test/next-word.ts";
import type { FitResult, FittedBuild, FittedHead, MeasuredProposal } from "./fit-result.ts";
import { fitTables } from "./fit-table.ts";
import { haveTokens, tokensHead } from "./heads.ts";
import { buildWithoutOutliers, load, quantizedOf, trainKernels } from "./library.ts";
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
const DRAWS = 1000;
/** One query out of this number is kept from every build. */
const UNSEEN_OF = 8;

const layers: Layer[] = [nextWord(), ...(haveTokens() ? [tokensHead("100,000 C tokens", 100_000)] : [])];
const heads: FittedHead[] = [];
for (const layer of layers) heads.push(await measureLayer(layer));
const result: FitResult = { machine: `${cpus()[0]?.model ?? "?"}, one core`, node: process.version, heads };
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
  const kernels = trainKernels();
  const arena = startArena(kernels);
  const classes = placeClasses(arena, itemCount, dim, bias);
  arena.f32(classes.rowsPtr, data.length).set(data);
  const tools = { kernels, arena, classes };
  const groups = runSync(groupQueries(tools, unseen));

  let bits = 0;
  const measured = async (title: string, options: BuildOptions): Promise<FittedBuild> => {
    let fit: FitReport | undefined;
    const reached: number[] = [];
    const start = cpuSeconds();
    const file = await buildWithoutOutliers(
      { data, shape: [itemCount, dim] },
      {
        bias,
        ...options,
        onReport: (report) => ({ fit } = report),
        onProgress: ({ phase }) => phase === "fit" && reached.push(cpuSeconds()),
      },
    );
    const seconds = cpuSeconds() - start;
    const index = await load(file);
    bits = 31 - Math.clz32(index.info.codewordCount);
    const proposals = SCANS.map((scan) => measureProposal(tools, groups, file, index, unseen, scan));
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

function measureProposal(
  tools: FitTools,
  groups: readonly QueryGroup[],
  file: Uint8Array,
  index: MultiIndex,
  queries: Float32Array,
  scan: number,
): MeasuredProposal {
  const { quantizer, codes } = quantizedOf(file);
  const { kl, chiSquare, logTotalError } = runSync(validate(tools, groups, quantizer, codes, scan));
  return {
    scan,
    kl: mean(kl),
    klError: standardError(kl),
    chiSquareMedian: quantile(chiSquare, 0.5),
    chiSquareP90: quantile(chiSquare, 0.9),
    simulatedShare: simulatedShare(index, queries, scan),
    shareLimit: mean(chiSquare.map((value) => 1 / (1 + value))),
    logTotalError: mean(logTotalError.map(Math.abs)),
  };
}

/** Computes the standard error of the mean of independent values. */
function standardError(values: Float64Array): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)) / (values.length - 1));
}

function simulatedShare(index: MultiIndex, queries: Float32Array, scan: number): number {
  const { dim } = index.info;
  const shares: number[] = [];
  for (let at = 0; at < queries.length; at += dim) {
    const { scores, logQ } = index.sample(queries.subarray(at, at + dim), DRAWS, { scan, seed: 1 });
    const logWeights = Array.from(scores, (score, j) => score - (logQ[j] as number));
    const top = Math.max(...logWeights);
    const weights = logWeights.map((logWeight) => Math.exp(logWeight - top));
    const sum = weights.reduce((a, b) => a + b, 0);
    shares.push((sum * sum) / (DRAWS * weights.reduce((a, b) => a + b * b, 0)));
  }
  return mean(Float64Array.from(shares));
}
