import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Command, Option } from "commander";
import { MAX_BITS, MAX_DIM } from "../facts.ts";
import { load } from "../index.ts";
import { type BuildReport, build, type Matrix, measure } from "../train/index.ts";
import { integer, seed } from "./arguments.ts";
import { type HeldOut, readHeldOut } from "./held-out.ts";
import { readAll } from "./inputs/input.ts";
import { openInput, readVector } from "./inputs/open.ts";
import { type Io, printJson, printLines } from "./io.ts";
import { type Progress, startProgress } from "./progress.ts";
import { replaceFile } from "./replace-file.ts";
import { type BuiltIndex, reportLines } from "./report.ts";

interface BuildOptions {
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
  readonly seed?: bigint;
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
    .option("--seed <integer>", "same input, options and seed: same file (default: 0)", seed)
    .option("--json", "print one JSON event a line")
    .addHelpText("after", EXAMPLE)
    .action((embeddings: string, options: BuildOptions) => buildFile(embeddings, options, io));
}

const EXAMPLE = `
Example:
  $ midx build head.safetensors --tensor weight --bias bias --queries queries.safetensors -o next-word.midx`;

async function buildFile(path: string, options: BuildOptions, io: Io): Promise<void> {
  await checkOutput(path, options.output);
  const table = await readTable(path, options);
  const heldOut = await readHeldOut(table, options.queries);
  const progress = startProgress(io, options.json ? "json" : "text");
  let built: BuiltIndex;
  try {
    built = await buildAndMeasure(table, heldOut, options, progress, io.signal);
  } finally {
    progress.stop();
  }
  if (options.json) printJson(io.stdout, { event: "built", ...built });
  else printLines(io.stdout, reportLines(built));
}

/** The file is written only when the library has read it back. */
async function buildAndMeasure(
  table: Table,
  { queries, origin }: HeldOut,
  { output, quantizer, bits, rows, metric, seed }: BuildOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<BuiltIndex> {
  let report: BuildReport | undefined;
  const bytes = await build(table, {
    ...(table.bias && { bias: table.bias }),
    ...(table.counts && { counts: table.counts }),
    ...(quantizer && { quantizer }),
    ...(bits !== undefined && { bits }),
    ...(rows && { rows }),
    ...(metric && { metric }),
    ...(seed !== undefined && { seed }),
    onProgress: progress.report,
    onReport: (made) => {
      report = made;
    },
    signal,
  });
  if (report === undefined) throw new Error("the build gave no report");
  const index = await load(bytes);
  await replaceFile(output, bytes);
  const total = queries.length / index.info.dim;
  progress.report({ phase: "measure", done: 0, total });
  const quality = await measure(index, queries);
  progress.report({ phase: "measure", done: total, total });
  index.dispose();
  return { output, info: index.info, report, quality, origin };
}

/** Before the work, not after it: the folder takes files, and the embeddings are not what is replaced. */
async function checkOutput(input: string, output: string): Promise<void> {
  if (resolve(input) === resolve(output)) throw new RangeError(`"output" is the file of embeddings itself: ${output}`);
  await access(dirname(resolve(output)), constants.W_OK);
  const existing = await stat(output).catch(() => undefined);
  if (existing && !existing.isFile()) throw new RangeError(`"output" is there and not a file: ${output}`);
}

interface Table extends Matrix {
  readonly bias: Float32Array | undefined;
  readonly counts: Float32Array | undefined;
}

async function readTable(path: string, { tensor, bias, dim, counts }: BuildOptions): Promise<Table> {
  const input = await openInput(path, { tensor, bias, dim });
  try {
    return {
      ...(await readAll(input)),
      bias: await input.bias(),
      counts: counts === undefined ? undefined : await readVector(counts),
    };
  } finally {
    await input.close();
  }
}
