import type { Pooling } from "../../format/features.ts";
import type { FeatureTable } from "../../train/build/build-options.ts";
import { checkShape, type Matrix } from "../../train/rows/matrix.ts";
import { naming, namingAll, type OpenedFile } from "../files/input-file.ts";
import { refuseInvalid } from "./finite.ts";
import type { Format } from "./formats.ts";
import { checkUnique, readLabelLines } from "./labels.ts";
import { readNamed } from "./named-table.ts";
import type { InputTable } from "./table.ts";

const FEATURE_LABELS = { option: "feature-labels", of: "feature" };

/** The table that queries are made of, by the names that the caller gives. */
export interface FeatureOptions {
  /** The table of features: a tensor of the same file where tensors have names, or another file. */
  readonly features?: string | undefined;
  /** Their factors by position, likewise. */
  readonly positions?: string | undefined;
  /** A file with the name of each feature on a line. */
  readonly featureLabels?: string | undefined;
  readonly pooling?: Pooling | undefined;
}

/** The table of features that the options name. RangeError where what there is makes other queries than a table alone can. */
export async function readFeatures(
  file: OpenedFile,
  format: Format,
  { features, positions, featureLabels, pooling }: FeatureOptions,
): Promise<FeatureTable | undefined> {
  if (features === undefined) {
    const alone = Object.entries({ positions, "feature-labels": featureLabels, pooling }).find(([, given]) => given);
    if (alone) throw new RangeError(`"${alone[0]}" expected "features" beside it`);
    return undefined;
  }
  const read = (option: string, name: string): Promise<Matrix> =>
    readNamed(file, format, { option, name, rank: 2 }, readRows);
  const has = async (name: string): Promise<boolean> => format.named === "tensors" && hasMatrix(file, format, name);
  if (positions === undefined && (await has("positions"))) {
    throw new RangeError(
      `${file.path}: "positions" is missing: the model has some, without which its queries are others`,
    );
  }
  if (await has("hidden.weight")) {
    throw new RangeError(`${file.path}: "features" expected a model without a hidden layer: an index has none`);
  }
  const table = await read("features", features);
  const factors = positions === undefined ? undefined : await read("positions", positions);
  if (factors && factors.shape[1] !== table.shape[1]) {
    throw new RangeError(`"positions" expected ${table.shape[1]} values a row, as "features", got ${factors.shape[1]}`);
  }
  const labels =
    featureLabels === undefined ? undefined : await readLabelLines(featureLabels, table.shape[0], FEATURE_LABELS);
  if (labels) checkUnique(featureLabels as string, labels, (row) => row);
  return {
    ...table,
    ...(factors && { positions: factors.data }),
    ...(labels && { labels }),
    ...(pooling && { pooling }),
  };
}

async function hasMatrix(file: OpenedFile, format: Format, name: string): Promise<boolean> {
  try {
    await (await format.open(file, { rank: 2, tensor: name })).close?.();
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false; // none of this name, or one of another kind
    throw error;
  }
}

/** Values read at a time: 4 MiB of f32. */
const CHUNK_VALUES = 2 ** 20;

async function readRows(table: InputTable, path: string): Promise<Matrix> {
  const { itemCount, dim } = table;
  try {
    await naming(path, async () => checkShape(itemCount, dim));
    const data = new Float32Array(itemCount * dim);
    let filled = 0;
    const chunks = table.chunks(Math.max(1, Math.floor(CHUNK_VALUES / Math.max(1, dim))), 0);
    for await (const chunk of namingAll(path, chunks)) {
      const values = await naming(path, async () => refuseInvalid(chunk, dim));
      data.set(values, filled);
      filled += values.length;
    }
    return { data, shape: [itemCount, dim] };
  } finally {
    await table.close?.();
  }
}
