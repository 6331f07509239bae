import { kindOf } from "../../checks/check.ts";
import { ENCODER, type EncoderFacts, MAX_BLOCKS, MAX_LENGTH, MAX_UNITS, weightTensors } from "../../format/encoder.ts";
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

/** The prefix of the names of a projection's tables. */
const PROJECTION = "projection";

/**
 * Encodes the option `encoder`. `keepsRows`: the file stores the rows as they are given, so a tied encoder needs no table of
 * its own. A TypeError or RangeError names the part of it that is wrong.
 */
export function encodeEncoder(
  model: EncoderModel,
  { itemCount, dim }: Pick<RowTable, "itemCount" | "dim">,
  keepsRows: boolean,
): EncodedEncoder {
  const shape = modelShape(model);
  const { items } = shape;
  const refuse: Refuse = (name, expected, got) => {
    throw new RangeError(`"encoder.${name}" expected ${expected}, got ${got}`);
  };
  const facts = encoderFacts(shape, dim, refuse);
  if (items !== "tied" && items !== "own") return refuse("shape.items", "tied or own", items);
  const weights = weightTensors(facts, dim).map(({ name, shape }) => ({
    tensor: name,
    table: tableOf(facts, name),
    length: shape.reduce((product, size) => product * size, 1),
  }));
  const lengths: Readonly<Record<string, number>> = {
    ...Object.fromEntries(weights.map((weight) => [weight.table, weight.length])),
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
  for (const weight of weights) tensors[weight.tensor] = [bytesOf(table(weight.table))];
  const vectors = table(items === "tied" ? "classes" : "features");
  const isTied = items === "tied" && keepsRows;
  if (!isTied) tensors["encoder.itemVectors"] = [bytesOf(vectors)];
  return {
    facts: { ...facts, items: isTied ? "rows" : "own" },
    tensors,
    rows: isTied ? vectors : undefined,
  };
}

type Refuse = (name: string, expected: string, got: unknown) => never;

/** Checks the sizes of an encoder. */
function encoderFacts(shape: EncoderModel["shape"], dim: number, refuse: Refuse): EncoderFacts {
  const { encoder, units, blocks, heads = 1, length } = shape;
  const size = (name: string, value: unknown, most: number, step: number): number => {
    if (
      Number.isInteger(value) &&
      (value as number) >= step &&
      (value as number) <= most &&
      Number(value) % step === 0
    ) {
      return value as number;
    }
    return refuse(`shape.${name}`, step === 1 ? `an integer in 1..${most}` : `a multiple of 4 in 4..${most}`, value);
  };
  if (encoder !== "gru" && encoder !== "attention") refuse("shape.encoder", "gru or attention", encoder);
  if (dim % 4 !== 0) {
    const [less, more] = [dim - (dim % 4), dim - (dim % 4) + 4];
    refuse("shape.dim", `embeddings of a multiple of 4 values, such as ${less || 4} or ${more}`, dim);
  }
  if (encoder === "gru") return { kind: "gru", units: size("units", units, MAX_UNITS, 4), items: "own" };
  if (dim % (4 * size("heads", heads, dim / 4, 1)) !== 0) refuse("shape.heads", `a divisor of ${dim / 4}`, heads);
  const sizes = { blocks: size("blocks", blocks, MAX_BLOCKS, 1), length: size("length", length, MAX_LENGTH, 1) };
  return { kind: "attention", heads, ...sizes, items: "own" };
}

/** Returns the table of the model that a tensor of the section stores. */
function tableOf({ kind }: EncoderFacts, tensor: TensorName): string {
  const name = tensor.slice(ENCODER.length + 1);
  return name.startsWith(PROJECTION)
    ? `${PROJECTION}.${name.slice(PROJECTION.length).toLowerCase()}`
    : `${kind}.${name}`;
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
