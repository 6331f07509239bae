import { isTypedArray, kindOf } from "../../checks/check.ts";
import { areWhole, ENCODER, itemVectors, MAX_BLOCKS, MAX_LENGTH, MAX_UNITS } from "../../format/encoder.ts";
import type { EncoderFacts } from "../../format/encoder-facts.ts";
import { valueCount, type WeightTable, weightTables, withPadding } from "../../format/encoder-weights.ts";
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
  const given = encoderFacts(shape, dim, (size, expected, got) => refuse(`shape.${size}`, expected, got));
  if (items !== "tied" && items !== "own") return refuse("shape.items", "tied or own", items);
  const hasProjection = projects(given, model, dim);
  const isSquare = given.kind === "gru" && given.units === dim && hasProjection;
  if (isSquare && dim === MAX_UNITS) refuse("shape.units", `at most ${MAX_UNITS - 1} beside a projection`, dim);
  const weights = weightTables(given, dim, hasProjection);
  // A file has a projection only where widths differ. So the state gets one more unit, whose weights are 0, and it stays 0.
  const facts = isSquare ? { ...given, units: dim + 1 } : given;
  const stored = weightTables(facts, dim);
  const lengths: Readonly<Record<string, number>> = {
    ...Object.fromEntries(weights.map((table) => [tableOf(given, table), valueCount(table)])),
    [items === "tied" ? "classes" : "features"]: itemCount * dim,
  };
  const table = (name: string): Float32Array => {
    const values = model.tables[name];
    if (!isTypedArray(values, "Float32Array")) {
      throw new TypeError(`"encoder.tables.${name}" expected a Float32Array, got ${kindOf(values)}`);
    }
    if (values.length !== lengths[name]) refuse(`tables.${name}`, `${lengths[name]} values`, values.length);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) refuse(`tables.${name}[${wrong}]`, "a finite number", values[wrong]);
    return values;
  };
  const tensors: Partial<Record<TensorName, ByteChunks>> = {};
  const put = (of: WeightTable, values: Float32Array, as = of): void => {
    tensors[`${ENCODER}.${of.name}` as TensorName] = [bytesOf(withPadding(of, values, as))];
  };
  for (const [i, weight] of weights.entries()) put(weight, table(tableOf(given, weight)), stored[i]);
  const vectors = table(items === "tied" ? "classes" : "features");
  const isTied = items === "tied" && keepsRows;
  if (!isTied) put(itemVectors(itemCount, dim), vectors);
  return {
    facts: { ...facts, items: isTied ? "rows" : "own" },
    tensors,
    rows: isTied ? vectors : undefined,
  };
}

/** Tells whether a projection makes the queries of states. It may be square, as PyTorch's models often have it. */
const projects = (facts: EncoderFacts, { tables }: EncoderModel, dim: number): boolean =>
  facts.kind === "gru" &&
  (facts.units !== dim || ["weight", "bias"].some((part) => tables[`${PROJECTION}.${part}`] !== undefined));

type Refuse<Name = string> = (name: Name, expected: string, got: unknown) => never;

/** Checks the sizes of an encoder. */
export function encoderFacts(
  shape: EncoderModel["shape"],
  dim: number,
  refuse: Refuse<keyof EncoderModel["shape"]>,
): EncoderFacts {
  const { encoder, units, blocks, heads = 1, length } = shape;
  const size = (name: "units" | "blocks" | "heads" | "length", value: unknown, most: number): number => {
    if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number;
    return refuse(name, `an integer in 1..${most}`, value);
  };
  if (encoder !== "gru" && encoder !== "attention") refuse("encoder", "gru or attention", encoder);
  if (encoder === "gru") return { kind: "gru", units: size("units", units, MAX_UNITS), items: "own" };
  if (!areWhole(size("heads", heads, Math.max(1, Math.floor(dim / 4))), dim)) {
    refuse("heads", dim % 4 === 0 ? `a divisor of ${dim / 4}` : `1 with embeddings of ${dim} values`, heads);
  }
  const sizes = { blocks: size("blocks", blocks, MAX_BLOCKS), length: size("length", length, MAX_LENGTH) };
  return { kind: "attention", heads, ...sizes, items: "own" };
}

/** Returns the table of the model that a tensor of the section stores. */
function tableOf({ kind }: EncoderFacts, { name }: WeightTable): string {
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
