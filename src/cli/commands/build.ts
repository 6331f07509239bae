import { type Command, Option } from "commander";
import { type FeatureFacts, MAX_BITS, MAX_DIM, POOLINGS } from "../../format/facts.ts";
import { rowLimit } from "../../train/build/build-input.ts";
import { defaultBits } from "../../train/build/build-plan.ts";
import type { BuildOptions, FeatureTable, Matrix } from "../../train/index.ts";
import { readQueriesFor } from "../arguments/fit-queries.ts";
import { readQueries, rowsAsQueries } from "../arguments/held-out.ts";
import { integer, seed } from "../arguments/values.ts";
import { readWarm, type WarmArguments } from "../arguments/warm-from.ts";
import { type BuiltIndex, qualityLines, reportLines, unmeasuredLine } from "../building/report.ts";
import { buildTimed, keepReport, measureBuilt } from "../building/timed-build.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { replaceFile } from "../files/replace-file.ts";
import type { FeatureOptions } from "../inputs/feature-table.ts";
import { FORMAT_NAMES, type FormatName } from "../inputs/formats.ts";
import { type EmbeddingInput, readAll } from "../inputs/input.ts";
import { labelsBytes } from "../inputs/labels.ts";
import { openInput } from "../inputs/open.ts";
import { type Progress, startProgress } from "../output/progress.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { buildToFile } from "../streaming/build-to-file.ts";
import { measureFile } from "../streaming/measure-file.ts";
import { shareMemory } from "../streaming/memory-shares.ts";
import type { Threads } from "../threads/threads.ts";
import { withThreads } from "../threads/with-threads.ts";

/** A tebibyte. */
const MAX_MEBIBYTES = 2 ** 20;
const MAX_THREADS = 64;
const MAX_WARM_PASSES = 1000;

interface BuildArguments extends WarmArguments, FeatureOptions {
  readonly output: string;
  readonly format?: FormatName;
  readonly header?: "present" | "absent";
  readonly idField?: string | false;
  readonly labels?: string;
  readonly dropInvalid?: true;
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
  readonly fit?: true;
  readonly fitScan?: number;
  readonly seed?: bigint;
  readonly maxMemory?: number;
  readonly threads: number;
  readonly json?: true;
}

/** `midx build`: an index file from a file of embeddings, and how good it is. */
export function addBuildCommand(program: Command, io: Io): void {
  program
    .command("build")
    .description(
      "build an index file from embeddings: .safetensors, one or in shards (model.safetensors.index.json), .npy, .npz, .parquet, .csv, .jsonl, .fvecs, or raw f32 (.f32, .bin)",
    )
    .argument("<embeddings>", "a file of N rows of D numbers, or - for standard input")
    .requiredOption("-o, --output <file>", "the index file; one that is there is replaced when all is done")
    .addOption(new Option("--format <name>", "of the embeddings (default: by the extension)").choices(FORMAT_NAMES))
    .option("--tensor <name>", "which tensor, array, column or key has the rows (default: the only one that could)")
    .option("--bias <name>", "the bias: a tensor of the same file (.safetensors, .npz), or a file")
    .option(
      "--id-field <name>",
      "the column or key with the labels of the rows, in .parquet, .csv, .jsonl (default: id)",
    )
    .option("--no-id-field", "no labels, and no values in id either")
    .addOption(new Option("--labels <file>", "a text file with the label of each row on a line").conflicts("idField"))
    .addOption(
      new Option("--header <state>", "names of columns in the first line of .csv (default: if it looks so)").choices([
        "present",
        "absent",
      ]),
    )
    .option("--drop-invalid", "leave out rows with values that are not finite or too large, which are else refused")
    .option("--dim <D>", "values of a row, for raw f32", integer(1, MAX_DIM))
    .option("--features <name>", "what queries are made of: a tensor of the same file (.safetensors, .npz), or a file")
    .option("--positions <name>", "with --features: their factors by position, likewise")
    .option("--feature-labels <file>", "with --features: a text file with the name of each on a line")
    .addOption(
      new Option(
        "--pooling <how>",
        "with --features: what each of n weighs where a query doesn't say: 1, 1/n or 1/√n (default: sum)",
      ).choices(POOLINGS),
    )
    .option(
      "--counts <name>",
      "how often each class occurs, weights for the training alone: a tensor of the same file, or a file",
    )
    .option("--queries <file>", "held-out queries to measure the index with (default: rows of the embeddings)")
    .addOption(new Option("--quantizer <type>", "residual or product quantizer (default: rq)").choices(["rq", "pq"]))
    .option("--bits <B>", "2^B codewords in each codebook (default: half of log₂ N, at most 8)", integer(0, MAX_BITS))
    .addOption(new Option("--rows <type>", "how rows are stored (default: i8)").choices(["i8", "f16", "f32"]))
    .addOption(new Option("--metric <name>", "what a score is (default: dot)").choices(["dot", "cosine"]))
    .option("--fine-codes", "4 bits for every two values, for the fastest top-k; measures its recall on the queries")
    .addOption(
      new Option(
        "--fit",
        "fit the codebooks to --queries, in memory: better estimates for the same time of a query; says what was tried and kept, and measures with queries it did not learn from",
      ).conflicts("maxMemory"),
    )
    .option(
      "--fit-scan <T>",
      "with --fit: classes of the head in the answers to come, 0 for plain draws (default: 1024)",
      integer(0, 2 ** 31 - 1),
    )
    .option("--seed <integer>", "same input, options and seed: same file (default: 0)", seed)
    .option(
      "--max-memory <MiB>",
      "for inputs larger than memory: build on the disk, in at most so much resident memory, and measure the index where there is room for it",
      integer(1, MAX_MEBIBYTES),
    )
    .addOption(
      new Option(
        "--warm-from <index>",
        "take over the codebooks of an index of an earlier state of the table: no k-means, in memory only",
      ).conflicts("maxMemory"),
    )
    .option("--warm-passes <N>", "with --warm-from: updates of the codebooks (default: 0)", integer(0, MAX_WARM_PASSES))
    .option("--compare", "with --warm-from: build from scratch, too, and say what that takes and gives")
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
  $ midx build head.safetensors --tensor weight --bias bias --queries queries.safetensors -o next-word.midx
  $ midx build head.safetensors --tensor weight --bias bias --queries queries.safetensors --fit -o next-word.midx
  $ midx build model.safetensors.index.json --tensor lm_head.weight -o tokens.midx
  $ midx build items.jsonl --id-field sku --drop-invalid -o items.midx
  $ midx build items-today.jsonl --warm-from items.midx --compare -o items-today.midx
  $ midx build model.safetensors --tensor classes --bias bias --features features --positions positions \\
      --labels words.txt --feature-labels words.txt -o words.midx
  $ zcat vectors.csv.gz | midx build - --format csv -o vectors.midx`;

async function buildFile(path: string, options: BuildArguments, io: Io): Promise<void> {
  const { output, labels, featureLabels, counts, queries } = options;
  await checkOutputs({ embeddings: path, labels, "feature-labels": featureLabels, counts, queries }, { output }, io);
  const progress = startProgress(io, options.json ? "json" : "text");
  let built: BuiltIndex;
  try {
    built = await withThreads(options.threads, io.signal, (crew) =>
      options.maxMemory === undefined
        ? buildInMemory(path, options, progress, io, crew)
        : buildOnDisk(path, options, options.maxMemory, progress, io, crew),
    );
  } finally {
    progress.stop();
  }
  if (built.recallTakes !== undefined) printLines(io.stderr, [unmeasuredLine(built.recallTakes)]);
  if (built.qualityTakes !== undefined && queries !== undefined) printLines(io.stderr, qualityLines(built));
  if (options.json) printJson(io.stdout, { event: "built", ...built });
  else printLines(io.stdout, reportLines(built));
}

/** The file is written only when the library has read it back. */
async function buildInMemory(
  path: string,
  options: BuildArguments,
  progress: Progress,
  io: Io,
  crew: Threads | undefined,
): Promise<BuiltIndex> {
  const { output } = options;
  const table = await readTable(path, options, io);
  const { queries, origin, fitting } = await readQueriesFor(table, options);
  const warm = await readWarm(options);
  const common = {
    ...libraryOptions(options, table, progress, io.signal),
    ...(origin === "file" && { queries }),
    ...fitting,
  };
  const built = await buildTimed(table, { ...common, ...warm }, crew);
  await replaceFile(output, built.bytes);
  const measured = await measureBuilt(built, queries, progress, crew);
  const result = { output, origin, ...measured, ...droppedOf(options, table) };
  if (!options.compare) return result;
  const { quantizer, metric, codewordCount } = measured.info;
  const alike = { ...common, quantizer, metric, bits: 31 - Math.clz32(codewordCount) };
  return { ...result, fromScratch: await measureBuilt(await buildTimed(table, alike, crew), queries, progress, crew) };
}

/** To measure takes the whole index in memory: what there is no room for is left out, and said. */
async function buildOnDisk(
  path: string,
  options: BuildArguments,
  maxMemory: number,
  progress: Progress,
  io: Io,
  crew: Threads | undefined,
): Promise<BuiltIndex> {
  const { output, bias, counts, queries, bits, fineCodes = false, threads } = options;
  const { rows = "i8", quantizer = "rq" } = options;
  const input = await openEmbeddings(path, options, io);
  try {
    const { itemCount } = input;
    const vectors = await readVectors(input);
    const size = {
      itemCount,
      dim: input.dim,
      rows,
      bits: bits ?? defaultBits(itemCount),
      quantizer,
      hasFineCodes: fineCodes,
      hasBias: bias !== undefined,
      hasCounts: counts !== undefined,
      labelBytes: vectors.labels && utf8Bytes(vectors.labels),
      ...(vectors.features && { features: featureFacts(vectors.features) }),
      threads,
      inputBytes: input.memoryBytes + featuresBytes(vectors.features),
    };
    const shares = shareMemory(size, maxMemory);
    const [report, onReport] = keepReport();
    const held = queries === undefined ? undefined : await readQueries(queries, itemCount, input.dim);
    const buildOptions = {
      ...libraryOptions(options, vectors, progress, io.signal),
      ...(held && { queries: held }),
      onReport,
    };
    const info = await buildToFile(input, output, buildOptions, shares, crew);
    const unmeasured = fineCodes && !shares.measuresRecall;
    const recallTakes = unmeasured && { recallTakes: shares.recallLimit };
    const built = { output, info, report: report(), ...recallTakes, ...droppedOf(options, input) };
    if (!shares.measuresQuality) return { ...built, qualityTakes: shares.qualityLimit };
    io.signal.throwIfAborted();
    const quality = await measureFile(output, held ?? (await rowsAsQueries(input)), progress);
    return { ...built, origin: held ? "file" : "rows", quality };
  } finally {
    await input.close();
  }
}

function libraryOptions(
  { quantizer, bits, rows, metric, fineCodes, seed }: BuildArguments,
  { bias, counts, labels, features }: Vectors,
  progress: Progress,
  signal: AbortSignal,
): BuildOptions {
  return {
    ...(bias && { bias }),
    ...(counts && { counts }),
    ...(labels && { labels }),
    ...(features && { features }),
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

/** What there is for each class besides its row, and what queries are made of. */
interface Vectors {
  readonly bias: Float32Array | undefined;
  readonly counts: Float32Array | undefined;
  readonly labels: readonly string[] | undefined;
  readonly features: FeatureTable | undefined;
}

const readVectors = async (input: EmbeddingInput): Promise<Vectors> => ({
  bias: await input.bias(),
  counts: await input.counts(),
  labels: await input.labels(),
  features: await input.features(),
});

async function readTable(
  path: string,
  options: BuildArguments,
  io: Io,
): Promise<Matrix & Vectors & Pick<EmbeddingInput, "dropped">> {
  const input = await openEmbeddings(path, options, io);
  try {
    return { ...(await readAll(input)), ...(await readVectors(input)), dropped: input.dropped };
  } finally {
    await input.close();
  }
}

function openEmbeddings(path: string, options: BuildArguments, { stdin }: Io): Promise<EmbeddingInput> {
  const { dropInvalid, rows = "i8", ...input } = options;
  return openInput(path, {
    ...input,
    standardInput: stdin,
    invalidRemedy: "--drop-invalid leaves such rows out",
    ...(dropInvalid && { dropAbove: rowLimit(rows) }),
  });
}

/** What the file will say of it. */
function featureFacts({ shape, positions, labels, pooling = "sum" }: FeatureTable): FeatureFacts {
  return {
    featureCount: shape[0],
    positionCount: (positions?.length ?? 0) / shape[1],
    pooling,
    hasFeatureLabels: labels !== undefined,
    featureLabelBytes: utf8Bytes(labels ?? []),
  };
}

/** Memory of it, and of the names as they are written. */
const featuresBytes = (table: FeatureTable | undefined): number =>
  table ? table.data.byteLength + (table.positions?.byteLength ?? 0) + 2 * labelsBytes(table.labels ?? []) : 0;

const utf8Bytes = (labels: readonly string[]): number =>
  labels.reduce((bytes, label) => bytes + Buffer.byteLength(label), 0);

const droppedOf = ({ dropInvalid }: BuildArguments, { dropped }: Pick<EmbeddingInput, "dropped">) =>
  dropInvalid ? { dropped } : {};
