// The CPU time of the steps of a build with fine codes, recall curves and a calibration (npm run bench:build-steps), of 100,000
// word vectors or, with --tokens N, of the N most frequent tokens. Every round builds once, and the least time of a step
// counts. The digest of the file tells whether two commits build the same bytes. Options:
//   --tokens N   classes of the head of C tokens, with biases and counts
//   --rounds N   default 3
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { checksumWith } from "../src/memory/checksum.ts";
import { instantiateQuery } from "../src/memory/kernels.ts";
import { buildWith } from "../src/train/build/build.ts";
import type { BuildOptions } from "../src/train/build/build-options.ts";
import { calibrationOptions, DEFAULT_EFFORT } from "../src/train/build/calibration-options.ts";
import { recallOptions } from "../src/train/build/recall-options.ts";
import { addCalibration } from "../src/train/calibration/add-calibration.ts";
import type { PassTools } from "../src/train/kmeans/parallel-pass.ts";
import { addRecallCurves } from "../src/train/recall/recall-curves.ts";
import type { Matrix } from "../src/train/rows/matrix.ts";
import { tableOf } from "../src/train/rows/row-table.ts";
import { memoryTrainingRows, type RowsPlace, type TrainingRows } from "../src/train/rows/training-rows.ts";
import { type BuildPool, singleThread, type WorkerPool } from "../src/train/runtime/worker-pool.ts";
import { onThisThread } from "../src/train/stand-ins/query-pools.ts";
import { haveTokens, tokensHead } from "./heads.ts";
import { modules, trainKernels } from "./library.ts";
import { haveGlove, loadGlove } from "./peers/glove.ts";

const { values } = parseArgs({ options: { tokens: { type: "string" }, rounds: { type: "string", default: "3" } } });
const WORDS = 100_000;

/** CPU seconds by step. A step of the form "phase: task" is a part of the step "phase". */
type Seconds = Map<string, number>;

function inputOf(tokens: string | undefined): { readonly matrix: Matrix; readonly options: BuildOptions } | undefined {
  const given = { fineCodes: true, calibrate: DEFAULT_EFFORT };
  if (tokens === undefined) {
    if (!haveGlove()) return undefined;
    const { data, count, dim } = loadGlove(WORDS);
    return { matrix: { data, shape: [count, dim] }, options: given };
  }
  if (!haveTokens()) return undefined;
  const { data, itemCount, dim, bias, counts } = tokensHead("tokens", Number(tokens));
  return { matrix: { data, shape: [itemCount, dim] }, options: { ...given, bias, counts } };
}

/** The CPU seconds of the process, those of its garbage collector included. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function add(seconds: Seconds, step: string, since: number): void {
  seconds.set(step, (seconds.get(step) ?? 0) + cpuSeconds() - since);
}

/** Counts the time of each task as that of the step `phase`: task. */
function timed<Tools>(pool: WorkerPool<Tools>, seconds: Seconds, phase: string): WorkerPool<Tools> {
  return {
    map: (task, plan, pieces) =>
      pool.map(
        async (tools: Tools, own: typeof plan) => {
          const compute = await task(tools, own);
          return async (piece) => {
            const since = cpuSeconds();
            const result = await compute(piece);
            add(seconds, `${phase}: ${task.name}`, since);
            return result;
          };
        },
        plan,
        pieces,
      ),
  };
}

/** The tools of passes over training rows in memory. */
function passTools(): PassTools {
  const openRows = (place: RowsPlace): TrainingRows => {
    if ("descriptor" in place) throw new Error("rows expected in memory");
    return memoryTrainingRows(place.rowCount, place.dim, place.data);
  };
  return { train: trainKernels(), openRows };
}

async function measure(matrix: Matrix, options: BuildOptions): Promise<{ seconds: Seconds; digest: string }> {
  const seconds: Seconds = new Map();
  const phase = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const since = cpuSeconds();
    const result = await work();
    add(seconds, name, since);
    return result;
  };
  const pool: BuildPool<PassTools> = {
    ...timed(singleThread(passTools()), seconds, "build"),
    floats: (length) => new Float32Array(length),
  };
  const checksum = checksumWith(instantiateQuery(modules.query));
  const all = { ...options, measuresRecall: true };
  const file = await phase("build", () => buildWith(trainKernels(), checksum, matrix, all, pool));
  const measuring = onThisThread(modules, trainKernels());
  const pools = (name: string) => ({
    rows: timed(measuring.rows, seconds, name),
    index: timed(measuring.index, seconds, name),
  });
  await phase("recall", () =>
    addRecallCurves(modules, file, tableOf(matrix), recallOptions(matrix.shape, options), pools("recall")),
  );
  await phase("calibration", () =>
    addCalibration(modules, file, tableOf(matrix), calibrationOptions(matrix.shape, options), pools("calibration")),
  );
  return { seconds, digest: createHash("sha256").update(file).digest("hex").slice(0, 16) };
}

const input = inputOf(values.tokens);
if (input) {
  const least: Seconds = new Map();
  const digests = new Set<string>();
  for (let round = 0; round < Number(values.rounds); round++) {
    const { seconds, digest } = await measure(input.matrix, input.options);
    seconds.set(
      "all",
      ["build", "recall", "calibration"].reduce((sum, name) => sum + (seconds.get(name) ?? 0), 0),
    );
    digests.add(digest);
    for (const [step, spent] of seconds) least.set(step, Math.min(spent, least.get(step) ?? spent));
  }
  for (const step of [...least.keys()].sort())
    console.log(`${(least.get(step) as number).toFixed(2).padStart(7)}  ${step}`);
  console.log(`digest ${[...digests].join(" ")}`);
}
