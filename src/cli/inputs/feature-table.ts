import type { Pooling } from "../../format/features.ts";
import type { FeatureTable } from "../../train/build/build-options.ts";
import { checkShape, type Matrix } from "../../train/rows/matrix.ts";
import { naming, namingAll } from "../files/input-file.ts";
import { refuseInvalid } from "./finite.ts";
import type { Format } from "./formats.ts";
import { checkUnique, readLabelLines } from "./labels.ts";
import { readNamed } from "./named-table.ts";
import type { SourceFile, Sources } from "./source.ts";
import type { InputTable } from "./table.ts";

const FEATURE_LABELS = { option: "feature-labels", of: "feature" };

/** The names of the tensors and files that make up the table of features. */
export interface FeatureOptions {
  /** The table of features: a tensor of the same file where tensors have names, or another file. */
  readonly features?: string | undefined;
  /** The factors of the features by position: a tensor of the same file, or another file. */
  readonly positions?: string | undefined;
  /** A file with one feature name per line. Default: the names in a model of midx train. */
  readonly featureLabels?: string | undefined;
  readonly pooling?: Pooling | undefined;
}

/**
 * Reads the table of features that the options name, for embeddings with rows of `dim` values.
 *
 * @throws RangeError if the model has positions that no option names, or a hidden layer: its queries would differ
 */
export async function readFeatures(
  file: SourceFile,
  format: Format,
  dim: number,
  { features, positions, featureLabels, pooling, openRemote }: FeatureOptions & Pick<Sources, "openRemote">,
): Promise<FeatureTable | undefined> {
  if (features === undefined) {
    const dependent = Object.entries({ positions, "feature-labels": featureLabels, pooling }).find(
      ([, value]) => value,
    );
    if (dependent) throw new RangeError(`'--${dependent[0]}' needs '--features'`);
    return undefined;
  }
  const read = (option: string, name: string): Promise<LabelledMatrix> =>
    readNamed(file, format, { option, name, rank: 2, idField: false, openRemote }, (table, path) =>
      readRows(table, path, option, dim),
    );
  const has = async (name: string): Promise<boolean> => format.named === "tensors" && hasMatrix(file, format, name);
  if (positions === undefined && (await has("positions"))) {
    throw new RangeError(
      `${file.path}: '--positions' is missing: the model has factors by position, and its queries depend on them`,
    );
  }
  if (await has("hidden.weight")) {
    throw new RangeError(`${file.path}: '--features' expected a model without a hidden layer, since an index has none`);
  }
  const table = await read("features", features);
  const factors = positions === undefined ? undefined : await read("positions", positions);
  const { data, shape } = table;
  const labels =
    featureLabels === undefined
      ? table.labels
      : await readLabelLines(featureLabels, shape[0], { openRemote, kind: FEATURE_LABELS });
  if (labels) checkUnique(featureLabels ?? file.path, labels, (row) => row);
  return {
    data,
    shape,
    ...(factors && { positions: factors.data }),
    ...(labels && { labels }),
    ...(pooling && { pooling }),
  };
}

async function hasMatrix(file: SourceFile, format: Format, name: string): Promise<boolean> {
  try {
    await (await format.open(file, { rank: 2, tensor: name })).close?.();
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false; // there is no such tensor, or it is not a matrix
    throw error;
  }
}

/** The number of values read at a time: 4 MiB of f32. */
const CHUNK_VALUES = 2 ** 20;

interface LabelledMatrix extends Matrix {
  /** The labels that the file has for the rows. */
  readonly labels: readonly string[] | undefined;
}

async function readRows(table: InputTable, path: string, option: string, dim: number): Promise<LabelledMatrix> {
  const { itemCount, labels } = table;
  const refuse = (problem: string): never => {
    throw new RangeError(`${path}: '--${option}' expected ${problem}`);
  };
  try {
    if (itemCount === 0) refuse("at least one row, got none");
    if (table.dim !== dim) refuse(`rows of ${dim} values, as in the table of embeddings, got rows of ${table.dim}`);
    await naming(path, async () => checkShape(itemCount, dim));
    const data = new Float32Array(itemCount * dim);
    let filled = 0;
    const chunks = table.chunks(Math.max(1, Math.floor(CHUNK_VALUES / Math.max(1, dim))), 0);
    for await (const chunk of namingAll(path, chunks)) {
      const values = await naming(path, async () => refuseInvalid(chunk, dim));
      data.set(values, filled);
      filled += values.length;
    }
    return { data, shape: [itemCount, dim], labels };
  } finally {
    await table.close?.();
  }
}
