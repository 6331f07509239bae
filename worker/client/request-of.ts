import type { Bag } from "../contract/wire.ts";
import { bodyOfSequences, type SequenceQuery } from "./sequences.ts";

/** One query: a vector of the index's `dim` values, or a bag of features or a sequence of items that the service encodes. */
export type Query = Vector | Bag | SequenceQuery;
/** A query as `dim` finite values of magnitude at most 2^40. */
export type Vector = Float32Array | readonly number[];

/** Longest path that carries the fields, in characters. Servers and proxies take URLs of 8,000. */
const MAX_URL = 6000;

/** Returns the list that JSON has for an array of numbers, and any other value as it is, for the service to refuse by name. */
const listed = (value: unknown): unknown => (ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value);

/**
 * Makes a function that returns the list of numbers. It throws a TypeError for bits of float16, which the service would take for
 * numbers.
 */
const numbersIn =
  (name: string) =>
  (values: unknown): unknown => {
    if (!(values instanceof Uint16Array)) return listed(values);
    throw new TypeError(`"${name}" expected numbers, got a Uint16Array: bits of float16 are read by a Float16Array`);
  };

export const listedQuery = numbersIn("query");
export const listedRow = numbersIn("rows");
export const listedValues = numbersIn("values");

/** The fields in which null means "no value", so that what JSON writes as null would be read as that. */
const HAS_NULLS = /^(filter|metadata)$/;

/**
 * Writes JSON, with lists for arrays of numbers, an object for a Map, and text for values that JSON lacks: −∞, which bans a
 * class, and the bytes of a bitmap. `field` is the name of a value that is written alone. Throws a TypeError for a filter and
 * metadata with what JSON lacks.
 */
export const json = (value: unknown, field = ""): string =>
  JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, plain) {
    const given = this[name]; // a Buffer has written itself as a list in `plain`
    if (HAS_NULLS.test(name || field)) refuseLacking(name || field, given);
    if (given instanceof Uint8Array) return btoa(Array.from(given, (byte) => String.fromCharCode(byte)).join(""));
    if (given instanceof Map) return Object.fromEntries(given);
    return plain === Number.NEGATIVE_INFINITY ? "-Infinity" : listed(plain);
  });

/** Throws a TypeError for what JSON would leave out or write as null: a function, NaN, an infinity, a gap in a list of a filter. */
function refuseLacking(field: string, value: unknown): void {
  JSON.stringify(value, function (this: unknown, name, each) {
    const kind = typeof each;
    const isGap = each === undefined && field === "filter" && Array.isArray(this);
    const isMadeNull = each === null && Object(this)[name] !== null; // by toJSON, as of a Date that is none
    if (isGap || isMadeNull || /^(fun|sym)/.test(kind) || (kind === "number" && !Number.isFinite(each))) {
      throw new TypeError(
        `"${field}" expected values that JSON has, got ${kind === "number" || isMadeNull ? each : kind} as "${name}"`,
      );
    }
    return each instanceof Map ? Object.fromEntries(each) : each;
  });
}

// A value that is no query at all goes into the request as a vector, for the service to refuse by name.
const isBatch = (query: Query | readonly Query[]): query is readonly Query[] => typeof Object(query)[0] === "object";
const isSequence = (query: Query): query is SequenceQuery => "sequence" in Object(query);
const isBag = (query: Query): query is Bag => "features" in Object(query);
const isVector = (query: Query): query is Vector => !(isBag(query) || isSequence(query));

/**
 * The path and the body of a request: bytes if all queries are f32 and the URL has room for the fields, otherwise JSON. In a URL
 * null would be a text, so it goes as JSON, for the service to refuse.
 */
export function requestOf(
  path: string,
  query: Query | readonly Query[],
  fields: object,
): [path: string, body: string | Float32Array<ArrayBuffer>] {
  const rows = isBatch(query) ? query : [query];
  const several = rows === query;
  if (rows.every(isVector)) {
    const bytes = endToEnd(rows);
    const target = `${path}?${search(several ? { batch: rows.length, ...fields } : fields)}`;
    if (bytes && target.length <= MAX_URL && !Object.values(fields).includes(null)) return [target, bytes];
  }
  return [path, json({ ...bodyOf(rows, several), ...fields })];
}

/** The queries under their names. */
function bodyOf(rows: readonly Query[], several: boolean): object {
  if (rows.every(isSequence)) return bodyOfSequences(rows, several);
  if (rows.every(isVector)) return several ? { vectors: rows.map(listedQuery) } : { vector: listedQuery(rows[0]) };
  if (rows.every(isBag)) return several ? { bags: rows } : (rows[0] as Bag);
  throw new TypeError('"query" expected one kind of queries in a batch, got several');
}

/** The rows' bytes, if all rows are f32 and of one length. Hosts are little-endian, as WebAssembly is. */
function endToEnd(rows: readonly Vector[]): Float32Array<ArrayBuffer> | undefined {
  const { length } = Object(rows[0]) as Vector;
  if (!rows.every((row) => row instanceof Float32Array && row.length === length)) return undefined;
  const values = new Float32Array(rows.length * length);
  for (const [i, row] of rows.entries()) values.set(row, i * length);
  return values;
}

/** Writes the fields as JSON in a query string, and a seed as its digits. */
function search(fields: object): URLSearchParams {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, name === "seed" ? value : json(value, name)]));
}
