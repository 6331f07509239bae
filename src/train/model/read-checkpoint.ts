import { FormatError } from "../../bytes/format-error.ts";
import { parseHeader, type SafetensorsHeader } from "../../bytes/safetensors.ts";
import { type Checksum, checkSeal, checkTable, tensorSeed } from "../../bytes/sealed-header.ts";
import { isTypedArray, kindOf } from "../../checks/check.ts";
import { isObject } from "../../checks/is-object.ts";
import {
  CHECKPOINT_VERSION,
  type Checkpoint,
  checkpointMetadata,
  checkpointTensors,
  hasBest,
  type LabelBytes,
  MODEL_KEY,
  ORIGIN_KEY,
  TRAINING_KEY,
  type TrainingSettings,
  VERSION_KEY,
  WITH_AVERAGES,
  WITH_LABELS,
  WITHOUT_ORIGIN,
} from "./checkpoint.ts";
import { readOrigin, readShape, readTraining } from "./checkpoint-facts.ts";
import { LABEL_COUNTS, LABELS, type LabelsName, readLabelsText } from "./labels.ts";
import type { TableName } from "./shape.ts";

type Values = Float32Array<ArrayBuffer>;

/**
 * Reads a checkpoint as strictly as an index file: first the metadata, then the form of the header and its checksum, then
 * the checksum and every value of each tensor. The values are copies.
 *
 * @throws FormatError with the codes of parseHeader and checkSeal, checkpoint-version, model-metadata, training-metadata,
 * tensor-table, tensor-checksum or tensor-value.
 */
export function readCheckpoint(bytes: Uint8Array, checksum: Checksum): Checkpoint {
  if (!isTypedArray(bytes, "Uint8Array")) {
    throw new TypeError(`"resume" expected a Uint8Array of bytes, got ${kindOf(bytes)}`);
  }
  const header = parseHeader(bytes, bytes.byteLength);
  const { metadata, byteLength } = header;
  checkVersion(metadata[VERSION_KEY], metadata[MODEL_KEY] !== undefined);
  const shape = readShape(readJson(metadata, MODEL_KEY));
  const names = new Set(header.tensors.map(({ name }) => name));
  const withBest = (settings: TrainingSettings): boolean => hasBest(settings, (name) => names.has(name));
  const training = {
    ...readTraining(readJson(metadata, TRAINING_KEY), shape, withBest),
    ...(metadata[VERSION_KEY] !== WITHOUT_ORIGIN && { origin: readOrigin(readJson(metadata, ORIGIN_KEY)) }),
  };
  const labelBytes = labelBytesOf(header);
  const table = checkpointTensors(shape, training.settings, withBest(training.settings), labelBytes);
  checkTable(header, table);
  const file = bytes.subarray(0, byteLength);
  const checksums = checkSeal(file, metadata, table, checkpointMetadata(shape, training, labelBytes), checksum);
  const tables: Partial<Record<TableName, Values>> = {};
  const states: Record<string, Values> = {};
  const lists: Partial<Record<LabelsName, readonly string[]>> = {};
  for (const [i, { name, table: ofModel, labels }] of table.entries()) {
    const { begin, end } = header.tensors[i] as SafetensorsHeader["tensors"][number];
    const at = byteLength + begin;
    const data = bytes.subarray(at, byteLength + end);
    if (checksum(data, tensorSeed(checksum, name, at)) !== checksums[name]) {
      throw new FormatError("tensor-checksum", at, `tensor "${name}" does not match its checksum`);
    }
    if (labels) lists[labels] = readLabelsText(labels, data, at, shape[LABEL_COUNTS[labels]]);
    else if (ofModel) tables[ofModel] = readValues(name, data, at);
    else states[name] = readValues(name, data, at);
  }
  return { shape, tables, training, states, ...lists };
}

/** Returns the sizes of the lists of names that a header has, whose form is yet to be checked. */
const labelBytesOf = ({ tensors }: Pick<SafetensorsHeader, "tensors">): LabelBytes =>
  Object.fromEntries(
    LABELS.flatMap((label) => tensors.filter(({ name }) => name === label).map(({ shape }) => [label, shape[0] ?? 0])),
  );

function checkVersion(version: string | undefined, isModel: boolean): void {
  if ([CHECKPOINT_VERSION, WITH_AVERAGES, WITH_LABELS, WITHOUT_ORIGIN].includes(version as string)) return;
  if (version !== undefined) {
    throw new FormatError(
      "checkpoint-version",
      8,
      `the checkpoint has version ${version}, expected ${CHECKPOINT_VERSION}`,
    );
  }
  const reason = isModel
    ? "midx wrote this checkpoint before checkpoints had checksums, so it cannot be resumed: train from the start"
    : `this is not a checkpoint of midx train: metadata "${VERSION_KEY}" is missing`;
  throw new FormatError("checkpoint-version", 8, reason);
}

/** Optimizers take the square root of these states. */
const isSquares = (name: string): boolean => name.startsWith("adagrad.") || name.startsWith("adam.square.");

function readValues(name: string, data: Uint8Array, offset: number): Values {
  // Uint8Array.from copies, where slice of a Buffer would give a view.
  const values = new Float32Array(Uint8Array.from(data).buffer);
  const least = isSquares(name) ? 0 : Number.NEGATIVE_INFINITY;
  const wrong = values.findIndex((value) => !Number.isFinite(value) || value < least);
  if (wrong < 0) return values;
  const expected = least === 0 ? "a finite number of at least 0" : "a finite number";
  throw new FormatError(
    "tensor-value",
    offset + 4 * wrong,
    `value ${wrong} of tensor "${name}" expected ${expected}, got ${values[wrong]}`,
  );
}

function readJson(metadata: Readonly<Record<string, string>>, key: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(metadata[key] ?? "");
  } catch {
    value = undefined;
  }
  if (isObject(value)) return value;
  throw new FormatError("metadata-value", 8, `metadata "${key}" expected a JSON object`);
}
