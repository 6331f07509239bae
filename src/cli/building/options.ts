import { Option } from "commander";
import { POOLINGS } from "../../format/features.ts";
import { MAX_BITS, MAX_DIM } from "../../format/limits.ts";
import type { FitArguments } from "../arguments/fit-queries.ts";
import { integer, seed } from "../arguments/values.ts";
import type { WarmArguments } from "../arguments/warm-from.ts";
import type { FeatureOptions } from "../inputs/feature-table.ts";
import { FORMAT_NAMES, type FormatName } from "../inputs/formats.ts";

/** A tebibyte. */
const MAX_MEBIBYTES = 2 ** 20;
const MAX_THREADS = 64;
const MAX_WARM_PASSES = 1000;

/** The values of the options, as commander gives them. */
export interface BuildArguments extends WarmArguments, FeatureOptions, FitArguments {
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

const EMBEDDINGS = [
  new Option("--format <name>", "of the embeddings (default: by the extension)").choices(FORMAT_NAMES),
  new Option("--tensor <name>", "which tensor, array, column or key has the rows (default: the only one that could)"),
  new Option("--bias <name>", "the bias: a tensor of the same file (.safetensors, .npz), or a file"),
  new Option(
    "--id-field <name>",
    "the column or key with the labels of the rows, in .parquet, .csv, .jsonl (default: id)",
  ),
  new Option("--no-id-field", "no labels, and no values in id either"),
  new Option("--labels <file>", "a text file with the label of each row on a line").conflicts("idField"),
  new Option("--header <state>", "names of columns in the first line of .csv (default: if it looks so)").choices([
    "present",
    "absent",
  ]),
  new Option("--drop-invalid", "leave out rows with values that are not finite or too large, which are else refused"),
  new Option("--dim <D>", "values of a row, for raw f32").argParser(integer(1, MAX_DIM)),
];

const FEATURES = [
  new Option(
    "--features <name>",
    "what queries are made of: a tensor of the same file (.safetensors, .npz), or a file",
  ),
  new Option("--positions <name>", "with --features: their factors by position, likewise"),
  new Option("--feature-labels <file>", "with --features: a text file with the name of each on a line"),
  new Option(
    "--pooling <how>",
    "with --features: what each of n weighs where a query doesn't say: 1, 1/n or 1/√n (default: sum)",
  ).choices(POOLINGS),
];

const INDEX = [
  new Option(
    "--counts <name>",
    "how often each class occurs, weights for the training alone: a tensor of the same file, or a file",
  ),
  new Option("--queries <file>", "held-out queries to measure the index with (default: rows of the embeddings)"),
  new Option("--quantizer <type>", "residual or product quantizer (default: rq)").choices(["rq", "pq"]),
  new Option("--bits <B>", "2^B codewords in each codebook (default: half of log₂ N, at most 8)").argParser(
    integer(0, MAX_BITS),
  ),
  new Option("--rows <type>", "how rows are stored (default: i8)").choices(["i8", "f16", "f32"]),
  new Option("--metric <name>", "what a score is (default: dot)").choices(["dot", "cosine"]),
  new Option("--fine-codes", "4 bits for every two values, for the fastest top-k; measures its recall on the queries"),
  new Option(
    "--fit",
    "fit the codebooks to --queries, in memory: better estimates for the same time of a query; says what was tried and kept, and measures with queries it did not learn from",
  ).conflicts("maxMemory"),
  new Option(
    "--fit-scan <T>",
    "with --fit: classes of the head in the answers to come, 0 for plain draws (default: 1024)",
  ).argParser(integer(0, 2 ** 31 - 1)),
  new Option("--seed <integer>", "same input, options and seed: same file (default: 0)").argParser(seed),
];

const WORK = [
  new Option(
    "--max-memory <MiB>",
    "for inputs larger than memory: build on the disk, in at most so much resident memory, and measure the index where there is room for it",
  ).argParser(integer(1, MAX_MEBIBYTES)),
  new Option(
    "--warm-from <index>",
    "take over the codebooks of an index of an earlier state of the table: no k-means, in memory only",
  ).conflicts("maxMemory"),
  new Option("--warm-passes <N>", "with --warm-from: updates of the codebooks (default: 0)").argParser(
    integer(0, MAX_WARM_PASSES),
  ),
  new Option("--compare", "with --warm-from: build from scratch, too, and say what that takes and gives"),
  new Option("--threads <N>", "do what is done row by row in so many threads; the file is the same for any number")
    .default(1)
    .argParser(integer(1, MAX_THREADS)),
  new Option("--json", "print one JSON event a line"),
];

/** The options of `midx build` but for the output, in the order in which its help names them. */
export const BUILD_OPTIONS: readonly Option[] = [...EMBEDDINGS, ...FEATURES, ...INDEX, ...WORK];
