import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Command, Option } from "commander";
import { MAX_BITS, MAX_DIM } from "../facts.ts";
import { load } from "../index.ts";
import { defaultBits } from "../train/build.ts";
import { buildBy } from "../train/build-inlined.ts";
import { type BuildOptions, type BuildReport, type Matrix, measure } from "../train/index.ts";
import { measureTogether } from "../train/measure.ts";
import { integer, seed } from "./arguments.ts";
import { readHeldOut, readQueries } from "./held-out.ts";
import { readAll } from "./inputs/input.ts";
import { openInput, readVector } from "./inputs/open.ts";
import { type Io, printJson, printLines } from "./io.ts";
import { type Progress, startProgress } from "./progress.ts";
import { replaceFile } from "./replace-file.ts";
import { type BuiltIndex, reportLines, unmeasuredLine } from "./report.ts";
import { buildToFile } from "./streaming/build-to-file.ts";
import { shareMemory } from "./streaming/memory-shares.ts";
import type { Threads } from "./threads/threads.ts";
import { withThreads } from "./threads/with-threads.ts";

/** A tebibyte. */
const MAX_MEBIBYTES = 2 ** 20;
const MAX_THREADS = 64;

interface BuildArguments {
  readonly output: string;
  readonly tensor?: string;
  readonly bias?: string;
  readonly dim?: number;
  readonly counts?: string;
  readonly queries?: string;
  readonly quantizer?: "rq" | "pq";
  readonly bits?: number;
  readonly rows?: "i8" | "f16" | "f32";
  readonly metric?: "dot" | "cosine";
  readonly fineCodes?: true;
  readonly seed?: bigint;
  readonly maxMemory?: number;
  readonly threads: number;
  readonly json?: true;
}

/** `midx build`: an index file from a file of embeddings, and how good it is. */
export function addBuildCommand(program: Command, io: Io): void {
  program
    .command("build")
    .description("build an index file from embeddings: .safetensors, .npy, .fvecs, or raw f32 (.f32, .bin)")
    .argument("<embeddings>", "a file of N rows of D numbers")
    .requiredOption("-o, --output <file>", "the index file; one that is there is replaced when all is done")
    .option("--tensor <name>", "the tensor of a .safetensors file (default: its only matrix of floats)")
    .option("--bias <name>", "the bias: a tensor of the same .safetensors file, or else a file")
    .option("--dim <D>", "values of a row, for raw f32", integer(1, MAX_DIM))
    .option("--counts <file>", "how often each class occurs: weights for the training, not for the answers")
    .option("--queries <file>", "held-out queries to measure the index with (default: rows of the embeddings)")
    .addOption(new Option("--quantizer <type>", "residual or product quantizer (default: rq)").choices(["rq", "pq"]))
    .option("--bits <B>", "2^B codewords in each codebook (default: half of log₂ N, at most 8)", integer(0, MAX_BITS))
    .addOption(new Option("--rows <type>", "how rows are stored (default: i8)").choices(["i8", "f16", "f32"]))
    .addOption(new Option("--metric <name>", "what a score is (default: dot)").choices(["dot", "cosine"]))
    .option("--fine-codes", "4 bits for every two values, for the fastest top-k; measures its recall on the queries")
    .option("--seed <integer>", "same input, options and seed: same file (default: 0)", seed)
    .option(
      "--max-memory <MiB>",
      "for inputs larger than memory: build on the disk, in at most so much resident memory, and measure no more than the recall of fine codes, where there is room",
      integer(1, MAX_MEBIBYTES),
    )
    .option(
      "--threads <N>",
      "do what is done row by row in so many threads; the file is the same for any number",
      integer(1, MAX_THREADS),
      1,
    )
    .option("--json", "print one JSON event a line")
    .addHelpText("after", EXAMPLE)
    .action((embeddings: string, options: BuildArguments) => buildFile(embeddings, options, io));
}

const EXAMPLE = `
Example:
  $ midx build head.safetensors --tensor weight --bias bias --queries queries.safetensors -o next-word.midx`;

async function buildFile(path: string, options: BuildArguments, io: Io): Promise<void> {
  await checkOutput(path, options.output);
  const progress = startProgress(io, options.json ? "json" : "text");
  let built: BuiltIndex;
  try {
    built = await withThreads(options.threads, io.signal, (crew) =>
      options.maxMemory === undefined
        ? buildInMemory(path, options, progress, io.signal, crew)
        : buildOnDisk(path, options, options.maxMemory, progress, io.signal, crew),
    );
  } finally {
    progress.stop();
  }
  if (built.recallTakes !== undefined) printLines(io.stderr, [unmeasuredLine(built.recallTakes)]);
  if (options.json) printJson(io.stdout, { event: "built", ...built });
  else printLines(io.stdout, reportLines(built));
}

/** The file is written only when the library has read it back. */
async function buildInMemory(
  path: string,
  options: BuildArguments,
  progress: Progress,
  signal: AbortSignal,
  crew: Threads | undefined,
): Promise<BuiltIndex> {
  const { output } = options;
  const table = await readTable(path, options);
  const { queries, origin } = await readHeldOut(table, options.queries);
  const [report, onReport] = keepReport();
  const bytes = await buildBy(crew, table, {
    ...libraryOptions(options, table, progress, signal),
    ...(origin === "file" && { queries }),
    onReport,
  });
  const index = await load(bytes);
  await replaceFile(output, bytes);
  const total = queries.length / index.info.dim;
  progress.report({ phase: "measure", done: 0, total });
  const quality = crew ? await measureTogether(crew, bytes, index.info, queries) : await measure(index, queries);
  progress.report({ phase: "measure", done: total, total });
  index.dispose();
  return { output, info: index.info, report: report(), quality, origin };
}

/** Measuring would take the whole index in memory; where it fits, the recall of fine codes is measured. */
async function buildOnDisk(
  path: string,
  options: BuildArguments,
  maxMemory: number,
  progress: Progress,
  signal: AbortSignal,
  crew: Threads | undefined,
): Promise<BuiltIndex> {
  const { output, tensor, bias, dim, counts, queries, bits, fineCodes = false, threads } = options;
  const { rows = "i8", quantizer = "rq" } = options;
  if (queries !== undefined && !fineCodes) {
    throw new RangeError('"queries" expected "fine-codes" beside "max-memory": nothing else is measured on the disk');
  }
  const input = await openInput(path, { tensor, bias, dim });
  try {
    const { itemCount } = input;
    const size = {
      itemCount,
      dim: input.dim,
      rows,
      bits: bits ?? defaultBits(itemCount),
      quantizer,
      hasFineCodes: fineCodes,
      hasBias: bias !== undefined,
      hasCounts: counts !== undefined,
      labelBytes: undefined,
      threads,
    };
    const shares = shareMemory(size, maxMemory);
    const vectors = { bias: await input.bias(), counts: await readCounts(counts) };
    const [report, onReport] = keepReport();
    const buildOptions = {
      ...libraryOptions(options, vectors, progress, signal),
      ...(queries !== undefined && { queries: await readQueries(queries, itemCount, input.dim) }),
      onReport,
    };
    const info = await buildToFile(input, output, buildOptions, shares, crew);
    const unmeasured = fineCodes && !shares.measuresRecall;
    return { output, info, report: report(), ...(unmeasured && { recallTakes: shares.recallLimit }) };
  } finally {
    await input.close();
  }
}

/** A function that gives the report, and one that takes it. */
function keepReport(): [() => BuildReport, (report: BuildReport) => void] {
  let kept: BuildReport | undefined;
  const give = (): BuildReport => {
    if (kept === undefined) throw new Error("the build gave no report");
    return kept;
  };
  return [
    give,
    (report) => {
      kept = report;
    },
  ];
}

function libraryOptions(
  { quantizer, bits, rows, metric, fineCodes, seed }: BuildArguments,
  { bias, counts }: Vectors,
  progress: Progress,
  signal: AbortSignal,
): BuildOptions {
  return {
    ...(bias && { bias }),
    ...(counts && { counts }),
    ...(quantizer && { quantizer }),
    ...(bits !== undefined && { bits }),
    ...(rows && { rows }),
    ...(metric && { metric }),
    ...(fineCodes && { fineCodes }),
    ...(seed !== undefined && { seed }),
    onProgress: progress.report,
    signal,
  };
}

/** Before the work, not after it: the folder takes files, and the embeddings are not what is replaced. */
async function checkOutput(input: string, output: string): Promise<void> {
  if (resolve(input) === resolve(output)) throw new RangeError(`"output" is the file of embeddings itself: ${output}`);
  await access(dirname(resolve(output)), constants.W_OK);
  const existing = await stat(output).catch(() => undefined);
  if (existing && !existing.isFile()) throw new RangeError(`"output" is there and not a file: ${output}`);
}

/** A number for each class. */
interface Vectors {
  readonly bias: Float32Array | undefined;
  readonly counts: Float32Array | undefined;
}

async function readTable(path: string, { tensor, bias, dim, counts }: BuildArguments): Promise<Matrix & Vectors> {
  const input = await openInput(path, { tensor, bias, dim });
  try {
    return {
      ...(await readAll(input)),
      bias: await input.bias(),
      counts: await readCounts(counts),
    };
  } finally {
    await input.close();
  }
}

const readCounts = async (path: string | undefined): Promise<Float32Array | undefined> =>
  path === undefined ? undefined : readVector(path);
