import type { TensorSpec } from "../../bytes/safetensors.ts";
import { type Checksum, sealedHeader, tensorSeed } from "../../bytes/sealed-header.ts";
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
}

/** A checkpoint. Its model is from the best epoch with `patience`, otherwise from the last. */
export interface Checkpoint extends Model {
  readonly training: TrainingState;
  /**
   * The tensors that a training needs to continue, beside the model. `<state>.<table>` has the shape of the table. The states
   * are those of the optimizer. If the model is from an earlier epoch than the last, `latest` has the last tables.
   */
  readonly states: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
}

/** Files written before checkpoints had checksums do not name a version. */
export const CHECKPOINT_VERSION = "2.1";
/** The version of checkpoints that do not know the data and the sampler of their training. */
export const WITHOUT_ORIGIN = "2.0";
export const VERSION_KEY = "midx.checkpoint";
export const MODEL_KEY = "midx.model";
export const TRAINING_KEY = "midx.training";
export const ORIGIN_KEY = "midx.origin";

const LATEST = "latest";

/** Returns the name of a table's values after the last epoch, if the model has others. */
export const latestOf = (table: TableName): string => `${LATEST}.${table}`;

/** Returns true if the model is from an earlier epoch than the last. */
export const hasLatest = ({ states }: Pick<Checkpoint, "states">): boolean => latestOf("classes") in states;

export interface CheckpointTensor extends TensorSpec {
  /** The table of the model that the tensor stores. Undefined for a state. */
  readonly table: TableName | undefined;
}

/** Lists the tensors of a checkpoint in file order: the model, then each state by table, then the latest tables. */
export function checkpointTensors(
  shape: ModelShape,
  { optimizer }: TrainingSettings,
  withLatest: boolean,
): CheckpointTensor[] {
  const prefixes = [
    "",
    ...OPTIMIZER_STATES[optimizer].map((state) => `${state}.`),
    ...(withLatest ? [`${LATEST}.`] : []),
  ];
  return prefixes.flatMap((prefix) =>
    tableShapes(shape).map(({ name, rows, width }) => ({
      name: prefix + name,
      dtype: "F32" as const,
      shape: width === 1 ? [rows] : [rows, width],
      table: prefix === "" ? name : undefined,
    })),
  );
}

export const checkpointMetadata = (
  shape: ModelShape,
  { origin, ...training }: TrainingState,
): Record<string, string> => ({
  [VERSION_KEY]: origin ? CHECKPOINT_VERSION : WITHOUT_ORIGIN,
  [MODEL_KEY]: JSON.stringify(shape),
  [TRAINING_KEY]: JSON.stringify({ ...training, settings: storeSettings(training.settings) }),
  ...(origin && { [ORIGIN_KEY]: JSON.stringify(origin) }),
});

/**
 * Writes a checkpoint as a safetensors file with a sealed header. The metadata has the model's shape and the training's
 * state (FORMAT.md, Checkpoints).
 */
export function writeCheckpoint(checkpoint: Checkpoint, checksum: Checksum): Uint8Array<ArrayBuffer> {
  const { shape, tables, training, states } = checkpoint;
  const tensors = checkpointTensors(shape, training.settings, hasLatest(checkpoint)).map((tensor) => {
    const values = tensor.table === undefined ? states[tensor.name] : tables[tensor.table];
    if (values === undefined) throw new RangeError(`the checkpoint expected tensor "${tensor.name}", got none`);
    return { ...tensor, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
  });
  const metadata = checkpointMetadata(shape, training);
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
