import { FormatError } from "../../errors.ts";
import { parseHeader, serialiseHeader, type TensorSpec } from "../../safetensors.ts";
import type { Model } from "./model.ts";
import { OPTIMISER_STATES } from "./optimiser.ts";
import { HIDDEN, type ModelShape, type TableName, type TableShape, tableShapes } from "./shape.ts";
import type { EpochReport } from "./train-options.ts";

/** Where a training stands, and with which options it got there. */
export interface TrainingState {
  /** Epochs that are done. */
  readonly epoch: number;
  /** Steps that are done. */
  readonly steps: number;
  /** What a resumed training must agree with, by the names of the options. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly history: readonly EpochReport[];
}

/** The model is that of the best epoch where the training has a `patience`, else of the last. */
export interface Checkpoint extends Model {
  readonly training: TrainingState;
  /**
   * What a training goes on from beside the model: tensor `<state>.<table>` has the shape of the table. The optimiser's
   * states, and `latest`, the table itself, where the model is of an earlier epoch than the last.
   */
  readonly states: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
}

const MODEL_KEY = "midx.model";
const TRAINING_KEY = "midx.training";

/** A safetensors file: the tables by their names, then the states, and in the metadata what they belong to. */
export function writeCheckpoint({ shape, tables, training, states }: Checkpoint): Uint8Array<ArrayBuffer> {
  const specs: TensorSpec[] = [];
  const data: Float32Array[] = [];
  const add = (name: string, rows: number, width: number, values: Float32Array | undefined): void => {
    if (values === undefined) return;
    specs.push({ name, dtype: "F32", shape: width === 1 ? [rows] : [rows, width] });
    data.push(values);
  };
  for (const { name, rows, width } of tableShapes(shape)) add(name, rows, width, tables[name]);
  for (const [name, values] of Object.entries(states)) {
    const table = tableOfState(shape, name);
    if (table) add(name, table.rows, table.width, values);
  }
  const metadata = { [MODEL_KEY]: JSON.stringify(shape), [TRAINING_KEY]: JSON.stringify(training) };
  const header = serialiseHeader(specs, metadata);
  const bytes = new Uint8Array(data.reduce((sum, values) => sum + values.byteLength, header.byteLength));
  bytes.set(header);
  let at = header.byteLength;
  for (const values of data) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

/** FormatError: those of safetensors, model-metadata, model-tensor. */
export function readCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata, byteLength } = parseHeader(bytes, bytes.byteLength);
  const shape = readShape(readJson(metadata, MODEL_KEY));
  const training = readTraining(readJson(metadata, TRAINING_KEY));
  const tables: Partial<Record<TableName, Float32Array<ArrayBuffer>>> = {};
  const states: Record<string, Float32Array<ArrayBuffer>> = {};
  const expected = tableShapes(shape);
  for (const { name, dtype, begin, end } of tensors) {
    const own = expected.find((table) => name === table.name);
    const table = own ?? tableOfState(shape, name);
    if (table === undefined || dtype !== "F32" || end - begin !== table.rows * table.width * 4) {
      throw new FormatError("model-tensor", byteLength + begin, `tensor "${name}" is not of this model`);
    }
    // A copy of its own: slice of a Buffer would be a view.
    const values = new Float32Array(Uint8Array.from(bytes.subarray(byteLength + begin, byteLength + end)).buffer);
    if (own) tables[own.name] = values;
    else states[name] = values;
  }
  const missing = expected.find(({ name }) => tables[name] === undefined);
  if (missing) throw new FormatError("model-tensor", byteLength, `tensor "${missing.name}" is missing`);
  return { shape, tables, training, states };
}

/** The table whose values the optimiser keeps `name` of. */
const tableOfState = (shape: ModelShape, name: string): TableShape | undefined =>
  tableShapes(shape).find((table) => STATES.some((state) => name === `${state}.${table.name}`));

const LATEST = "latest";
const STATES = [...Object.values(OPTIMISER_STATES).flat(), LATEST];

/** The name of a table's values after the last epoch, where they are not the model's. */
export const latestOf = (table: TableName): string => `${LATEST}.${table}`;

/** Whether the model is of an earlier epoch than the last. */
export const hasLatest = ({ states }: Checkpoint): boolean => latestOf("classes") in states;

function readJson(metadata: Readonly<Record<string, string>>, key: string): Record<string, unknown> {
  const fail = (): never => {
    throw new FormatError("model-metadata", 8, `metadata "${key}" expected the facts of a model that midx trained`);
  };
  let value: unknown;
  try {
    value = JSON.parse(metadata[key] ?? "");
  } catch {
    return fail();
  }
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : fail();
}

function readShape(facts: Record<string, unknown>): ModelShape {
  const size = (name: string, least: number): number => {
    const value = facts[name];
    if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
    throw new FormatError("model-metadata", 8, `"${name}" of the model expected an integer ≥ ${least}`);
  };
  const hidden = HIDDEN.find((name) => name === facts.hidden);
  if (hidden === undefined) throw new FormatError("model-metadata", 8, `"hidden" expected ${HIDDEN.join(", ")}`);
  return {
    classCount: size("classCount", 2),
    featureCount: size("featureCount", 1),
    dim: size("dim", 4),
    positionCount: size("positionCount", 0),
    hidden,
  };
}

function readTraining({ epoch, steps, settings, history }: Record<string, unknown>): TrainingState {
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!isCount(epoch) || !isCount(steps) || !Array.isArray(history) || history.length !== epoch) {
    throw new FormatError("model-metadata", 8, '"epoch", "steps" and "history" of the training do not agree');
  }
  if (typeof settings !== "object" || settings === null) {
    throw new FormatError("model-metadata", 8, '"settings" of the training expected an object');
  }
  return { epoch, steps, settings: settings as TrainingState["settings"], history: history as EpochReport[] };
}
