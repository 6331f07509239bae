import type { BuildOptions, FeatureTable } from "../../train/index.ts";
import { rowLimit } from "../../train/rows/matrix.ts";
import type { InputColumns } from "../inputs/declared-columns.ts";
import { formatNameOf } from "../inputs/formats.ts";
import type { EmbeddingInput } from "../inputs/input.ts";
import { openInput } from "../inputs/open.ts";
import type { Progress } from "../output/progress.ts";
import type { Io } from "../process/io.ts";
import { shownPath } from "../remote/address.ts";
import type { OpenRemote } from "../remote/remote-files.ts";
import type { Threads } from "../threads/threads.ts";
import type { BuildArguments } from "./options.ts";

/** One call of `midx build`. */
export interface BuildCall {
  /** The path of the embeddings, as on the command line. */
  readonly path: string;
  readonly options: BuildArguments;
  readonly progress: Progress;
  readonly io: Io;
  readonly pool: Threads | undefined;
  /** Opens the inputs that are URLs. */
  readonly openRemote: OpenRemote;
}

/** Numbers and labels of the classes, and the table that queries are encoded from. */
export interface Vectors {
  readonly bias: Float32Array | undefined;
  readonly counts: Float32Array | undefined;
  readonly labels: readonly string[] | undefined;
  readonly columns: InputColumns | undefined;
  readonly features: FeatureTable | undefined;
}

export async function openEmbeddings({ path, options, io, openRemote }: BuildCall): Promise<EmbeddingInput> {
  const { dropInvalid, rowType = "i8", ...input } = options;
  const format = options.format ?? formatNameOf(shownPath(path));
  if (options.header !== undefined && format !== undefined && format !== "csv") {
    throw new RangeError(`${shownPath(path)}: '--header' needs .csv: leave it out for other formats`);
  }
  return openInput(path, {
    ...input,
    takesFormat: true,
    standardInput: io.stdin,
    openRemote,
    limit: rowLimit(rowType),
    invalidRemedy: "--drop-invalid leaves such rows out",
    ...(dropInvalid && { dropAbove: rowLimit(rowType) }),
  });
}

export const readVectors = async (input: EmbeddingInput): Promise<Vectors> => ({
  bias: await input.bias(),
  counts: await input.counts(),
  labels: await input.labels(),
  columns: await input.columns(),
  features: await input.features(),
});

/** Translates the options of the command line into those of the library's build. */
export function libraryOptions(
  { options, progress, io }: BuildCall,
  { bias, counts, labels, columns, features }: Vectors,
): BuildOptions {
  const { quantizer, bits, rowType, metric, fineCodes, residuals, calibrate, seed, space } = options;
  return {
    ...(bias && { bias }),
    ...(counts && { counts }),
    ...(labels && { labels }),
    ...columns,
    ...(space !== undefined && { space }),
    ...(features && { features }),
    ...(quantizer && { quantizer }),
    ...(bits !== undefined && { bits }),
    ...(rowType && { rowType }),
    ...(metric && { metric }),
    ...(fineCodes && { fineCodes }),
    ...(residuals && { residuals }),
    ...(calibrate && { calibrate }),
    ...(seed !== undefined && { seed }),
    onProgress: progress.report,
    signal: io.signal,
  };
}

/** The number of rows that --drop-invalid left out. */
export const droppedOf = ({ dropInvalid }: BuildArguments, { dropped }: Pick<EmbeddingInput, "dropped">) =>
  dropInvalid ? { dropped } : {};

/**
 * Returns the parts of the input that a build leaves out: a tensor that may be the biases, without which an output layer has
 * other logits than its model, keys of --metadata, and columns, beside those that it takes for values.
 */
export const leftOutOf = ({ unusedBiases: [unusedBias], unusedKeys, inputColumns }: LeftOut) => ({
  ...(unusedBias !== undefined && { unusedBias }),
  ...(unusedKeys.length > 0 && { unusedKeys }),
  ...(inputColumns && { inputColumns }),
});

export type LeftOut = Pick<EmbeddingInput, "unusedBiases" | "unusedKeys" | "inputColumns">;
