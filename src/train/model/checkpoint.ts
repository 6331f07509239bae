import type { TensorSpec } from "../../bytes/safetensors.ts";
import { type Checksum, sealedHeader, tensorSeed } from "../../bytes/sealed-header.ts";
import { LABELS, type LabelsName, labelsText, type ModelLabels } from "./labels.ts";
import type { Model } from "./model.ts";
import { OPTIMIZER_STATES, type OptimizerName } from "./optimizer.ts";
import type { TrainingOrigin } from "./origin.ts";
import { type ModelShape, type TableName, tableShapes } from "./shape.ts";
import { storeSettings } from "./stored-settings.ts";
import type { EpochReport } from "./train-options.ts";

/** The progress of a training and the settings it was made with. */
export interface TrainingState {
  /** Number of epochs that are done. */
  readonly epoch: number;
  /** Number of steps that are done. */
  readonly steps: number;
  readonly settings: TrainingSettings;
  readonly history: readonly EpochReport[];
  /** Absent in checkpoints of version 2.0. */
  readonly origin?: TrainingOrigin;
}

/** The settings that a resumed training must share, by the names of the options. */
export interface TrainingSettings extends Readonly<Record<string, string | number>> {
  readonly optimizer: OptimizerName;
  /** Examples per step. */
  readonly batchSize: number;
  /** Examples per epoch. */
  readonly examples: number;
  /** Absent if the weights are not averaged. */
  readonly averaging?: "true";
}

/**
 * A checkpoint. Its model is from the best epoch with `patience`, otherwise from the last. With `averaging` it is an average of
 * the weights.
 */
export interface Checkpoint extends Model, ModelLabels {
  readonly training: TrainingState;
  /**
   * The tensors that a training needs to continue, beside the model. `<state>.<table>` has the shape of the table. The states
   * are those of the optimizer. If the model is from an earlier epoch than the last, or an average, `latest` has the last tables.
   * If it is both, `average` has the last averages.
   */
  readonly states: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
}

/** Files written before checkpoints had checksums do not name a version. */
export const CHECKPOINT_VERSION = "2.1";
/** The version of checkpoints whose model is an average of weights. */
export const WITH_AVERAGES = "2.2";
/** The version of checkpoints that have labels. */
export const WITH_LABELS = "2.3";
/** The version of checkpoints that do not know the data and the sampler of their training. */
export const WITHOUT_ORIGIN = "2.0";
export const VERSION_KEY = "midx.checkpoint";
export const MODEL_KEY = "midx.model";
export const TRAINING_KEY = "midx.training";
export const ORIGIN_KEY = "midx.origin";

const LATEST = "latest";

/** Returns the name of a table's values after the last epoch, if the model has others. */
export const latestOf = (table: TableName): string => `${LATEST}.${table}`;

const AVERAGE = "average";

/** Returns the name of a table's averages after the last epoch, if the model has those of an earlier one. */
export const averageOf = (table: TableName): string => `${AVERAGE}.${table}`;

/** Returns true if a checkpoint with these tensors has the model of its best epoch, which is earlier than the last. */
export const hasBest = ({ averaging }: TrainingSettings, hasTensor: (name: string) => boolean): boolean =>
  hasTensor((averaging === undefined ? latestOf : averageOf)("classes"));

export interface CheckpointTensor extends TensorSpec {
  /** The table of the model that the tensor stores. Undefined for a state, and for labels. */
  readonly table: TableName | undefined;
  /** The list of names that the tensor stores. Undefined for numbers. */
  readonly labels?: LabelsName;
}

/** The size in bytes of each list of names that a checkpoint has. */
export type LabelBytes = Readonly<Partial<Record<LabelsName, number>>>;

/**
 * Lists the tensors of a checkpoint in file order: the model, then each state by table, then the latest averages and tables,
 * where the model has others, then labels. `withBest` says that the model is from an earlier epoch than the last.
 */
export function checkpointTensors(
  shape: ModelShape,
  { optimizer, averaging }: TrainingSettings,
  withBest: boolean,
  labelBytes: LabelBytes,
): CheckpointTensor[] {
  const isAveraged = averaging !== undefined;
  const prefixes = [
    "",
    ...OPTIMIZER_STATES[optimizer].map((state) => `${state}.`),
    ...(withBest && isAveraged ? [`${AVERAGE}.`] : []),
    ...(withBest || isAveraged ? [`${LATEST}.`] : []),
  ];
  const numbers = prefixes.flatMap((prefix) =>
    tableShapes(shape).map(({ name, rows, width }) => ({
      name: prefix + name,
      dtype: "F32" as const,
      shape: width === 1 ? [rows] : [rows, width],
      table: prefix === "" ? name : undefined,
    })),
  );
  const names = LABELS.flatMap((name) => {
    const bytes = labelBytes[name];
    return bytes === undefined ? [] : [{ name, dtype: "U8" as const, shape: [bytes], table: undefined, labels: name }];
  });
  return [...numbers, ...names];
}

export const checkpointMetadata = (
  shape: ModelShape,
  { origin, ...training }: TrainingState,
  labelBytes: LabelBytes,
): Record<string, string> => ({
  [VERSION_KEY]: Object.keys(labelBytes).length > 0 ? WITH_LABELS : versionOf(training.settings, origin !== undefined),
  [MODEL_KEY]: JSON.stringify(shape),
  [TRAINING_KEY]: JSON.stringify({ ...training, settings: storeSettings(training.settings) }),
  ...(origin && { [ORIGIN_KEY]: JSON.stringify(origin) }),
});

function versionOf({ averaging }: TrainingSettings, hasOrigin: boolean): string {
  if (averaging !== undefined) return WITH_AVERAGES;
  return hasOrigin ? CHECKPOINT_VERSION : WITHOUT_ORIGIN;
}

/**
 * Writes a checkpoint as a safetensors file with a sealed header. The metadata has the model's shape and the training's
 * state (FORMAT.md, Checkpoints).
 */
export function writeCheckpoint(checkpoint: Checkpoint, checksum: Checksum): Uint8Array<ArrayBuffer> {
  const { shape, tables, training, states } = checkpoint;
  const withBest = hasBest(training.settings, (name) => name in states);
  const texts = textsOf(checkpoint);
  const labelBytes = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.byteLength]));
  const tensors = checkpointTensors(shape, training.settings, withBest, labelBytes).map((tensor) => {
    const values = tensor.table ? tables[tensor.table] : (states[tensor.name] ?? texts[tensor.name]);
    if (values === undefined) throw new RangeError(`the checkpoint expected tensor "${tensor.name}", got none`);
    return { ...tensor, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
  });
  const metadata = checkpointMetadata(shape, training, labelBytes);
  const headerBytes = sealedHeader(tensors, metadata, {}, checksum).byteLength;
  const file = new Uint8Array(tensors.reduce((sum, { bytes }) => sum + bytes.byteLength, headerBytes));
  const checksums: Record<string, bigint> = {};
  let at = headerBytes;
  for (const { name, bytes } of tensors) {
    file.set(bytes, at);
    checksums[name] = checksum(bytes, tensorSeed(checksum, name, at));
    at += bytes.byteLength;
  }
  file.set(sealedHeader(tensors, metadata, checksums, checksum));
  return file;
}

function textsOf(labels: ModelLabels): Record<string, Uint8Array<ArrayBuffer>> {
  const texts: Record<string, Uint8Array<ArrayBuffer>> = {};
  for (const name of LABELS) if (labels[name]) texts[name] = labelsText(labels[name]);
  return texts;
}
