import { Option } from "commander";
import { POOLINGS } from "../../format/features.ts";
import { MAX_BITS, MAX_DIM, MAX_ITEMS } from "../../format/limits.ts";
import { DEFAULT_EFFORT } from "../../train/build/calibration-options.ts";
import { MAX_WARM_PASSES } from "../../train/build/warm-start.ts";
import { type CalibrationEffort, EFFORTS, GRIDS } from "../../train/calibration/grid.ts";
import type { FitArguments } from "../arguments/fit-queries.ts";
import { optionGroup } from "../arguments/option-group.ts";
import { s3EndpointOption } from "../arguments/remote-options.ts";
import { columnList, integer, partCount, seed, spaceName } from "../arguments/values.ts";
import type { WarmArguments } from "../arguments/warm-from.ts";
import type { FeatureOptions } from "../inputs/feature-table.ts";
import { FORMAT_NAMES, type FormatName } from "../inputs/formats.ts";
import type { RemoteOptions } from "../remote/remote-files.ts";

/** One tebibyte. */
const MAX_MEBIBYTES = 2 ** 20;
const MAX_THREADS = 64;
const MAX_TUNE_SECONDS = 86_400;

/** Parsed options of `midx build`. */
export interface BuildArguments extends WarmArguments, FeatureOptions, FitArguments, RemoteOptions {
  readonly output: string;
  readonly format?: FormatName;
  readonly header?: "present" | "absent";
  readonly idField?: string | false;
  readonly labels?: string;
  readonly columns?: string;
  readonly metadata?: string;
  readonly namespaceField?: string;
  readonly space?: string;
  readonly dropInvalid?: true;
  readonly tensor?: string;
  readonly bias?: string;
  readonly dim?: number;
  readonly counts?: string;
  readonly quantizer?: "rq" | "pq";
  readonly bits?: number;
  readonly rowType?: "i8" | "f16" | "f32";
  readonly tune?: true;
  readonly tuneSeconds?: number;
  readonly metric?: "dot" | "cosine";
  readonly fineCodes?: true;
  readonly residuals?: true;
  readonly encoder?: string;
  readonly encoderNames?: string;
  readonly calibrate?: CalibrationEffort;
  readonly seed?: bigint;
  readonly maxMemory?: number;
  readonly threads: number;
  readonly json?: true;
  /** "auto": as many as keep each part small enough to be opened by default, twice. */
  readonly parts?: number | "auto";
  readonly partRows?: number;
  readonly as?: string;
  readonly queue?: string;
}

/** The most queries that a calibration takes. */
export function queriesToCalibrate({ calibrate = DEFAULT_EFFORT }: BuildArguments): number {
  return calibrate === "off" ? 0 : GRIDS[calibrate].queryCount;
}

const INPUT = optionGroup("Input", [
  new Option("--format <name>", "format of the embeddings (default: from the file extension)").choices(FORMAT_NAMES),
  new Option("--tensor <name>", "tensor, array, column or key that holds the rows (default: the only candidate)"),
  new Option("--bias <name>", "bias of each class: a tensor of the same file (.safetensors, .npz), or a file"),
  new Option(
    "--counts <name>",
    "how often each class occurs, by which the build weights classes: a tensor of the same file, or a file",
  ),
  new Option(
    "--id-field <name>",
    "column or key with the labels of the rows, in .parquet, .csv and .jsonl (default: id)",
  ),
  new Option("--no-id-field", "ignore the column or key id: it holds neither labels nor values"),
  new Option("--labels <file>", "text file with one label per row (default: those in the file)").conflicts("idField"),
  new Option(
    "--columns <list>",
    "columns to filter by, as names with types: price:number,category:string,stock:boolean; columns or keys of .parquet, .csv and .jsonl, or keys of --metadata",
  ).argParser(columnList),
  new Option(
    "--namespace-field <name>",
    "column or key with the namespace of each row, in .parquet, .csv and .jsonl, or a key of --metadata",
  ),
  new Option(
    "--metadata <file>",
    "file with one JSON object per row, with the keys that --columns and --namespace-field name",
  ),
  new Option("--header <state>", "whether a .csv file begins with column names (default: detected)").choices([
    "present",
    "absent",
  ]),
  new Option(
    "--drop-invalid",
    "leave out rows with values that are not finite or are too large, instead of refusing them",
  ),
  new Option("--dim <D>", "values per row, required for raw f32").argParser(integer(1, MAX_DIM)),
  s3EndpointOption(),
]);

const FEATURES = optionGroup("Features", [
  new Option(
    "--features <name>",
    "table of features to encode queries from: a tensor of the same file (.safetensors, .npz), or a file",
  ),
  new Option("--positions <name>", "factors of the features by position: a tensor or a file, with --features"),
  new Option("--feature-labels <file>", "names of features, one a line, with --features (default: those in the file)"),
  new Option(
    "--pooling <how>",
    "default weight of each of n features: 1 (sum), 1/n (mean) or 1/√n (sqrtn), with --features (default: sum)",
  ).choices(POOLINGS),
]);

const ENCODER = optionGroup("Encoder", [
  new Option(
    "--encoder <model>",
    "encoder that makes queries from sequences: a model of midx train --encoder, or the weights of a GRU or SASRec of PyTorch as .safetensors; builds in memory (default: that of <embeddings>, if they are such a model and no --tensor is given)",
  ).conflicts(["features", "maxMemory"]),
  new Option(
    "--encoder-names <file>",
    'JSON object with the names of PyTorch weights that are not found by themselves: {"gru.inputWeight": "rnn.weight_ih_l0", …}',
  ),
]);

const INDEX = optionGroup("Index", [
  new Option("--quantizer <type>", "residual (rq) or product (pq) quantizer (default: rq)").choices(["rq", "pq"]),
  new Option("--bits <B>", "2^B codewords per codebook (default: half of log₂ N, at most 8)").argParser(
    integer(0, MAX_BITS),
  ),
  new Option("--row-type <type>", "type in which rows are stored (default: i8)").choices(["i8", "f16", "f32"]),
  new Option("--metric <name>", "score of a row: inner product (dot) or cosine (default: dot)").choices([
    "dot",
    "cosine",
  ]),
  new Option(
    "--fine-codes",
    "store 4 bits for every two values, for the fastest top k, and measure its recall on the queries",
  ),
  new Option(
    "--residuals",
    "also store what int8 rows lose, in as many bytes again, so that topK ranks by rows of 16 bits",
  ),
  new Option(
    "--space <name>",
    "name of the model and version that the rows come from; changes that name another one are refused",
  ).argParser(spaceName),
  new Option("--seed <integer>", "the same input, options and seed give the same file (default: 0)").argParser(seed),
]);

const FIT = optionGroup("Measurement and fit", [
  new Option(
    "--tune",
    "choose the row type, the quantizer and the bits by trials on the queries, unless an option names them; builds in memory, or tries parts on some of the rows",
  ).conflicts(["maxMemory", "warmFrom", "fit"]),
  new Option("--tune-seconds <n>", "no trial of --tune begins after this time (default: 60)").argParser(
    integer(0, MAX_TUNE_SECONDS),
  ),
  new Option(
    "--calibrate <effort>",
    "how much is measured to calibrate error bars, on --queries or else on stand-ins (default: quick)",
  ).choices(EFFORTS),
  new Option(
    "--queries <file>",
    "held-out queries of your model, to measure the index and its error bars with (default: rows of the embeddings, and stand-ins for recall curves and error bars)",
  ),
  new Option(
    "--fit",
    "fit the codebooks to --queries: smaller errors at the same query time, for a longer build in memory. The report lists each step, and the index is measured with queries that the fit has not seen",
  ).conflicts("maxMemory"),
  new Option(
    "--fit-scan <T>",
    "head size of the calls to fit for, 0 for no head, with --fit (default: 1024)",
  ).argParser(integer(0, 2 ** 31 - 1)),
]);

const WARM_START = optionGroup("Warm start", [
  new Option(
    "--warm-from <index>",
    "reuse the codebooks of the index of an earlier state of the table, without k-means; builds in memory",
  ).conflicts("maxMemory"),
  new Option(
    "--warm-passes <N>",
    "passes of k-means over the reused codebooks, with --warm-from (default: 0)",
  ).argParser(integer(0, MAX_WARM_PASSES)),
  new Option("--compare", "also build from scratch and compare time and quality, with --warm-from"),
]);

const RESOURCES = optionGroup("Resources", [
  new Option(
    "--max-memory <MiB>",
    "build on disk within this much resident memory, for inputs larger than memory; the index is measured only if it fits as well",
  ).argParser(integer(1, MAX_MEBIBYTES)),
  new Option("--threads <N>", "number of threads; the file is the same for any number")
    .default(1)
    .argParser(integer(1, MAX_THREADS)),
]);

/** Options that build the whole index at once. */
const WHOLE = ["fit", "compare", "features"];

const PARTS = optionGroup("Parts", [
  new Option(
    "--parts <N>",
    "build N files with common codebooks and a manifest of them, in the folder --output; auto: as few as are small enough to be opened (default: one file, or auto if no runtime could open it)",
  )
    .argParser(partCount)
    .conflicts(WHOLE),
  new Option("--part-rows <R>", "build parts of at most R rows, in place of --parts")
    .argParser(integer(1, MAX_ITEMS))
    .conflicts(["parts", ...WHOLE]),
  new Option("--as <version>", "name of the version in the manifest, with parts (default: from their content)"),
]);

const QUEUE = optionGroup("Parts", [
  new Option(
    "--queue <url>",
    "let midx worker build the parts: put the tasks into this Redis or Valkey, such as redis://127.0.0.1:6379, and wait",
  ).conflicts(WHOLE),
]);

const OUTPUT = [new Option("--json", "print one JSON event per line")];

const SHARED = new Set(["tune", "tuneSeconds", "calibrate", "queries", "maxMemory", "warmFrom", "warmPasses"]);

/** The options of `midx build-plan` except for the output: those that a build in parts takes. */
export const PLAN_OPTIONS: readonly Option[] = [
  ...OUTPUT,
  ...INPUT,
  ...ENCODER,
  ...INDEX,
  ...[...FIT, ...WARM_START, ...RESOURCES].filter((option) => SHARED.has(option.attributeName())),
  ...PARTS,
];

/** The options of `midx build` except for the output, in the order of its help. */
export const BUILD_OPTIONS: readonly Option[] = [
  ...OUTPUT,
  ...INPUT,
  ...FEATURES,
  ...ENCODER,
  ...INDEX,
  ...FIT,
  ...WARM_START,
  ...RESOURCES,
  ...PARTS,
  ...QUEUE,
];
