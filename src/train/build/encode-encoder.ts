import { kindOf } from "../../checks/check.ts";
import { type EncoderFacts, MAX_UNITS } from "../../format/encoder.ts";
import type { TensorName } from "../../format/tensor-spec.ts";
import type { RowTable } from "../rows/row-table.ts";
import { type ByteChunks, bytesOf } from "../runtime/byte-chunks.ts";
import type { EncoderModel } from "./build-options.ts";

/** An encoder as a file stores it. */
export interface EncodedEncoder {
  readonly facts: EncoderFacts;
  readonly tensors: Readonly<Partial<Record<TensorName, ByteChunks>>>;
  /** The rows that a tied encoder reads, if it reads those of the file. */
  readonly rows: Float32Array | undefined;
}

/** The tensors of the section by the names of the model's tables. */
const TENSORS = {
  "gru.inputWeight": "encoder.inputWeight",
  "gru.inputBias": "encoder.inputBias",
  "gru.stateWeight": "encoder.stateWeight",
  "gru.stateBias": "encoder.stateBias",
  "projection.weight": "encoder.projectionWeight",
  "projection.bias": "encoder.projectionBias",
} as const;

/**
 * Encodes the option `encoder`. `keepsRows`: the file stores the rows as they are given, so a tied encoder needs no table of
 * its own. A TypeError or RangeError names the part of it that is wrong.
 */
export function encodeEncoder(
  model: EncoderModel,
  { itemCount, dim }: Pick<RowTable, "itemCount" | "dim">,
  keepsRows: boolean,
): EncodedEncoder {
  const { encoder, units = 0, items } = modelShape(model);
  const refuse = (name: string, expected: string, got: unknown): never => {
    throw new RangeError(`"encoder.${name}" expected ${expected}, got ${got}`);
  };
  if (encoder !== "gru") refuse("shape.encoder", "gru", encoder);
  if (!Number.isInteger(units) || units < 4 || units > MAX_UNITS || units % 4 !== 0) {
    refuse("shape.units", `a multiple of 4 in 4..${MAX_UNITS}`, units);
  }
  if (items !== "tied" && items !== "own") refuse("shape.items", "tied or own", items);
  if (dim % 4 !== 0) refuse("shape.dim", "embeddings of a multiple of 4 values", dim);
  const lengths: Readonly<Record<string, number>> = {
    "gru.inputWeight": 3 * units * dim,
    "gru.inputBias": 3 * units,
    "gru.stateWeight": 3 * units * units,
    "gru.stateBias": 3 * units,
    ...(units !== dim && { "projection.weight": dim * units, "projection.bias": dim }),
    [items === "tied" ? "classes" : "features"]: itemCount * dim,
  };
  const table = (name: string): Float32Array => {
    const values = model.tables[name];
    if (!(values instanceof Float32Array)) {
      throw new TypeError(`"encoder.tables.${name}" expected a Float32Array, got ${kindOf(values)}`);
    }
    if (values.length !== lengths[name]) refuse(`tables.${name}`, `${lengths[name]} values`, values.length);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) refuse(`tables.${name}[${wrong}]`, "a finite number", values[wrong]);
    return values;
  };
  const tensors: Partial<Record<TensorName, ByteChunks>> = {};
  for (const [name, tensor] of Object.entries(TENSORS)) if (name in lengths) tensors[tensor] = [bytesOf(table(name))];
  const vectors = table(items === "tied" ? "classes" : "features");
  const isTied = items === "tied" && keepsRows;
  if (!isTied) tensors["encoder.itemVectors"] = [bytesOf(vectors)];
  return {
    facts: { kind: "gru", units, items: isTied ? "rows" : "own" },
    tensors,
    rows: isTied ? vectors : undefined,
  };
}

function modelShape(model: EncoderModel): EncoderModel["shape"] {
  const { shape, tables }: Partial<EncoderModel> = Object(model);
  if (typeof shape === "object" && shape !== null && typeof tables === "object" && tables !== null) return shape;
  throw new TypeError(`"encoder" expected a model of sequences, { shape, tables }, got ${kindOf(model)}`);
}

/** Throws a RangeError where a tied encoder has other vectors than the rows that the file stores. */
export async function checkTiedRows(table: RowTable, encoder: EncodedEncoder | undefined): Promise<void> {
  if (!encoder?.rows) return;
  let at = 0;
  for await (const chunk of table.chunks()) {
    for (const value of chunk) {
      const own = encoder.rows[at++];
      if (value === own) continue;
      const [row, column] = [Math.floor((at - 1) / table.dim), (at - 1) % table.dim];
      throw new RangeError(
        `"encoder.tables.classes" expected the embeddings, which a tied encoder reads, got ${own} in row ${row}, value ${column}, instead of ${value}`,
      );
    }
  }
}
