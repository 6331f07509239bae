import { checkArray, shown } from "../../checks/check.ts";
import { knownOptions } from "../../checks/known-options.ts";
import { checkPlain } from "../../checks/plain-object.ts";
import { checkColumnValue } from "../../columns/column-value.ts";
import type { ColumnValue } from "../../format/columns.ts";
import {
  COLUMN_TYPES,
  type ColumnFacts,
  type ColumnsFacts,
  type ColumnType,
  codeDtype,
  columnTensor,
  MAX_COLUMNS,
  NAMESPACE,
  wrongColumnName,
} from "../../format/columns.ts";
import { MAX_LABEL_BYTES } from "../../format/limits.ts";
import type { TensorName } from "../../format/tensor-spec.ts";
import { compareTexts } from "../../memory/labels.ts";
import { type ByteChunks, bytesOf } from "../runtime/byte-chunks.ts";
import type { ColumnTable } from "./build-options.ts";

/** The columns of a build as a file stores them. */
export interface EncodedColumns {
  readonly facts: ColumnsFacts;
  /** Returns the tensors, with the codes of the classes in this order. */
  tensors(order: Int32Array): Readonly<Partial<Record<TensorName, ByteChunks>>>;
}

interface EncodedColumn {
  readonly facts: ColumnFacts;
  /** The code of each class: 0 without a value, otherwise 1 more than the rank of its value. */
  readonly codes: Int32Array;
  /** The distinct values, by the names of their tensors. */
  readonly values: Readonly<Record<string, ArrayBufferView>>;
}

const CODES = { U8: Uint8Array, U16: Uint16Array, I32: Int32Array } as const;

/**
 * Encodes the options `columns` and `namespaces`. Undefined without either. A TypeError or RangeError names the element that
 * is wrong.
 */
export function encodeColumns(
  columns: Readonly<Record<string, ColumnTable>> | undefined,
  namespaces: ColumnTable["values"] | undefined,
  itemCount: number,
): EncodedColumns | undefined {
  if (columns !== undefined) checkPlain('"columns"', columns, "an object of columns");
  const given = Object.entries(columns ?? {});
  if (given.length > MAX_COLUMNS) {
    throw new RangeError(`"columns" expected at most ${MAX_COLUMNS} columns, got ${given.length}`);
  }
  const encoded = given.map(([name, table]) => {
    const wrong = wrongColumnName(name);
    if (wrong) throw new RangeError(`"columns" expected names of ${wrong}, got ${shown(name)}`);
    const place = `columns.${name.slice(0, 64)}`;
    checkPlain(`"${place}"`, table, 'an object with "type" and "values"');
    const { type, values } = knownOptions(place, table, ["type", "values"]) as ColumnTable;
    if (!COLUMN_TYPES.includes(type)) {
      throw new RangeError(`"${place}.type" expected ${COLUMN_TYPES.join(", ")}, got ${shown(type)}`);
    }
    return encodeColumn(name, type, `${place}.values`, values, itemCount);
  });
  if (namespaces !== undefined) encoded.push(encodeColumn(NAMESPACE, "string", "namespaces", namespaces, itemCount));
  if (encoded.length === 0) return undefined;
  return {
    facts: { list: encoded.map(({ facts }) => facts) },
    tensors: (order) => Object.fromEntries(encoded.flatMap((column, i) => tensorsOf(column, i, order))),
  };
}

function tensorsOf({ facts, codes, values }: EncodedColumn, i: number, order: Int32Array): [TensorName, ByteChunks][] {
  const placed = new CODES[codeDtype(facts)](order.length);
  for (const [position, id] of order.entries()) placed[position] = codes[id] as number;
  const parts = Object.entries(values) as ["numbers" | "offsets" | "text", ArrayBufferView][];
  return [
    [columnTensor(i, "codes"), [bytesOf(placed)]],
    ...parts.map(([part, array]): [TensorName, ByteChunks] => [columnTensor(i, part), [bytesOf(array)]]),
  ];
}

function encodeColumn(
  name: string,
  type: ColumnType,
  place: string,
  values: ColumnTable["values"],
  itemCount: number,
): EncodedColumn {
  checkArray(place, values, `a ${type} or null for each class`);
  if (values.length !== itemCount) {
    throw new RangeError(`"${place}" expected ${itemCount} values, one for each class, got ${values.length}`);
  }
  const places = new Map<ColumnValue, number>();
  const codes = Int32Array.from({ length: itemCount }, (_, id) => {
    const value = checkColumnValue(type, `"${place}"[${id}]`, values[id]);
    if (value === undefined) return 0;
    if (type === "boolean") return value ? 2 : 1;
    const known = places.get(value) ?? places.size + 1;
    places.set(value, known);
    return known;
  });
  const facts = { name, type, distinct: type === "boolean" ? 2 : places.size, textBytes: 0 };
  if (type === "boolean") return { facts, codes, values: {} };
  const distinct = [...places.keys()];
  const order = Int32Array.from(distinct.keys());
  if (type === "number") {
    const numbers = Float64Array.from(distinct as number[]);
    order.sort((a, b) => (numbers[a] as number) - (numbers[b] as number));
    return { facts, codes: ranked(codes, order), values: { numbers: numbers.sort() } };
  }
  const encoder = new TextEncoder();
  const texts = (distinct as string[]).map((text) => encoder.encode(text));
  order.sort((a, b) => {
    const [one, other] = [texts[a], texts[b]] as [Uint8Array, Uint8Array];
    return compareTexts(one, 0, one.length, other, 0, other.length);
  });
  return { ...joined(texts, order, facts, place), codes: ranked(codes, order) };
}

/** Joins the texts in an order. */
function joined(
  texts: readonly Uint8Array[],
  order: Int32Array,
  facts: ColumnFacts,
  place: string,
): Pick<EncodedColumn, "facts" | "values"> {
  const textBytes = texts.reduce((sum, { length }) => sum + length, 0);
  if (textBytes > MAX_LABEL_BYTES) {
    throw new RangeError(`"${place}" expected at most ${MAX_LABEL_BYTES} bytes of distinct strings, got ${textBytes}`);
  }
  const offsets = new Int32Array(texts.length + 1);
  const text = new Uint8Array(textBytes);
  for (const [rank, at] of order.entries()) {
    const own = texts[at] as Uint8Array;
    text.set(own, offsets[rank]);
    offsets[rank + 1] = (offsets[rank] as number) + own.length;
  }
  return { facts: { ...facts, textBytes }, values: { offsets, text } };
}

/** Replaces codes in order of appearance by those in the order of the values. */
function ranked(codes: Int32Array, order: Int32Array): Int32Array {
  const codeOf = new Int32Array(order.length + 1);
  for (const [rank, at] of order.entries()) codeOf[at + 1] = rank + 1;
  return codes.map((code) => codeOf[code] as number);
}
