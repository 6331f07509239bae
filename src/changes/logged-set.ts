import { xxh64 } from "../arithmetic/xxh64.ts";
import { FormatError } from "../bytes/format-error.ts";
import { strictDecoder } from "../bytes/strict-decoder.ts";
import { kindOf, MAGNITUDE_LIMIT } from "../checks/check.ts";
import { optionsWithoutNull } from "../checks/known-options.ts";
import { checkPlain } from "../checks/plain-object.ts";
import { MAX_DIM } from "../format/limits.ts";
import { copyFloats } from "../index/copied-arguments.ts";
import { checkLoggedHeader, isTooDeep, type LoggedHeader, type LoggedMetadata, MOST_LEVELS } from "./logged-header.ts";
import { metadataText } from "./metadata-text.ts";

/*
 * A set of a log. It outlives versions of the index, so rows are f32 and labels are texts, however a version stores them.
 *
 *   0          8          12                          rows at a multiple of 4               end − 8
 *   ├──────────┼──────────┼────────────────┼──────────┼────────────────┼────────────────────┼───────┤
 *   │ midxset1 │ u32 LE   │ JSON, UTF-8    │ zeros    │ rows, f32 LE   │ biases, f32 LE     │ XXH64 │
 *   └──────────┴──────────┴────────────────┴──────────┴────────────────┴────────────────────┴───────┘
 *
 * The last 8 bytes are the checksum of all before them, little-endian. One set has one form.
 */

/** Classes to add or to replace, as the log of an index keeps them. */
export interface LoggedUpserts {
  /** The label of each class, all different. */
  readonly labels: readonly string[];
  /** The rows end to end, as they were given and rounded to f32. */
  readonly rows: Float32Array<ArrayBuffer>;
  /** The bias of each class, or none at all. */
  readonly biases?: Float32Array<ArrayBuffer>;
  /** The metadata of each class; null if none was given. */
  readonly metadata?: readonly (LoggedMetadata | null)[];
}

/** One set of changes, as the log of an index keeps it: it belongs to no version. */
export interface LoggedSet {
  /** Absent if there are none. */
  readonly upserts?: LoggedUpserts;
  /** The labels to remove, all different, and none of them a label of the upserts. */
  readonly removals: readonly string[];
  /** The name of the space that the rows are of, if one was given. */
  readonly space?: string;
}

/** The argument of {@link encodeLoggedSet}. */
export interface SetToLog {
  /** If a label comes again, its last row counts. */
  readonly upserts?: {
    /** The label of each class. */
    readonly labels: readonly string[];
    /** The rows end to end. */
    readonly rows: Float32Array | readonly number[];
    /** The bias of each class. */
    readonly biases?: Float32Array | readonly number[];
    /** The metadata of each class, "$namespace" among them; null for a class that keeps its metadata, also those of a row before. */
    readonly metadata?: readonly (LoggedMetadata | null | undefined)[];
  };
  /** The labels to remove. Default: none. */
  readonly removals?: readonly string[];
  /** The name of the space that the rows are of. Default: not stated. */
  readonly space?: string;
}

const MAGIC = /* @__PURE__ */ new TextEncoder().encode("midxset1");
/** The header follows the magic, which has 8 bytes, and its length. */
const JSON_AT = 12;
const CHECKSUM_BYTES = 8;

/**
 * Writes a set of changes in the form in which a log keeps it. It is only checked by itself, since a log belongs to no version:
 * {@link applyChanges} checks it against an index.
 *
 * @param set the changes
 * @returns the bytes, which depend only on the changes
 * @throws TypeError and RangeError that name the label or value
 *
 * @example
 * const bytes = encodeLoggedSet({ upserts: { labels, rows, biases }, removals: ["sold out"] });
 */
export function encodeLoggedSet(set: SetToLog): Uint8Array<ArrayBuffer> {
  checkPlain('"changes"', set);
  const { upserts, removals = [], space } = optionsWithoutNull("changes", set, ["upserts", "removals", "space"]);
  const { labels, rows, biases, metadata } = upserts ? lastOfEach(upserts) : NONE;
  const dim = labels.length === 0 ? 0 : rows.length / labels.length;
  const header: LoggedHeader = {
    dim,
    labels,
    ...(biases && { hasBiases: true }),
    ...(metadata && { metadata }),
    removals: distinct(removals),
    ...(space !== undefined && { space }),
  };
  checkLoggedHeader(header, (field, expected) => {
    throw new RangeError(`"${field}" of changes expected ${expected}`);
  });
  return written(header, rows, biases);
}

function distinct(removals: readonly string[]): string[] {
  if (!Array.isArray(removals)) throw new TypeError(`"removals" expected an array of strings, got ${kindOf(removals)}`);
  return [...new Set(removals as readonly string[])];
}

const NONE = { labels: [], rows: new Float32Array(0), biases: undefined, metadata: undefined };

/** Copies upserts, with the last row of each label, at the place of its first. */
function lastOfEach(upserts: NonNullable<SetToLog["upserts"]>) {
  const fields = ["labels", "rows", "biases", "metadata"];
  const { labels, rows, biases, metadata } = optionsWithoutNull("changes", upserts, fields, "upserts");
  if (!Array.isArray(labels))
    throw new TypeError(`"upserts.labels" expected an array of strings, got ${kindOf(labels)}`);
  const count = labels.length;
  const dim = count === 0 ? 0 : (rows as ArrayLike<number>).length / count;
  if (!Number.isInteger(dim) || (count > 0 && (dim < 1 || dim > MAX_DIM))) {
    throw new RangeError(`"upserts.rows" expected as many values for each of ${count} labels, got ${rows?.length}`);
  }
  for (const [name, list] of Object.entries({ biases, metadata })) {
    if (list === undefined || list.length === count) continue;
    throw new RangeError(`"upserts.${name}" expected ${count}, one for each label, got ${list.length}`);
  }
  const deep = metadata?.findIndex((each) => isTooDeep(each)) ?? -1;
  if (deep >= 0) {
    throw new RangeError(`"upserts.metadata"[${deep}] expected at most ${MOST_LEVELS} levels of objects and arrays`);
  }
  const values = copyFloats("upserts.rows", rows as Float32Array, new Float32Array(count * dim));
  const offsets = biases && copyFloats("upserts.biases", biases, new Float32Array(count));
  const last = [...new Map(labels.map((label, i) => [label, i])).values()];
  const objects = metadata?.map((each, i) => each && copyOfMetadata(`"upserts.metadata"[${i}]`, each));
  // A label that comes again keeps what its last row leaves open.
  const given = new Map(labels.flatMap((label, i) => (objects?.[i] ? [[label, objects[i]]] : [])));
  const kept = new Float32Array(last.length * dim);
  for (const [at, i] of last.entries()) kept.set(values.subarray(i * dim, (i + 1) * dim), at * dim);
  return {
    labels: last.map((i) => labels[i] as string),
    rows: kept,
    biases: offsets && Float32Array.from(last, (i) => offsets[i] as number),
    metadata: given.size > 0 ? last.map((i) => given.get(labels[i] as string) ?? null) : undefined,
  };
}

const copyOfMetadata = (place: string, given: LoggedMetadata): LoggedMetadata =>
  JSON.parse(metadataText(place, given)) as LoggedMetadata;

function written(...content: Parameters<typeof unsealed>): Uint8Array<ArrayBuffer> {
  const bytes = unsealed(...content);
  const end = bytes.byteLength - CHECKSUM_BYTES;
  new DataView(bytes.buffer).setBigUint64(end, xxh64(bytes.subarray(0, end), 0n), true);
  return bytes;
}

/** Writes all of a set but its checksum. */
function unsealed(header: LoggedHeader, rows: Float32Array, biases: Float32Array | undefined): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const rowsAt = Math.ceil((JSON_AT + json.length) / 4) * 4;
  const values = biases ? [rows, biases] : [rows];
  const byteLength = rowsAt + values.reduce((sum, { byteLength: bytes }) => sum + bytes, 0) + CHECKSUM_BYTES;
  const bytes = new Uint8Array(byteLength);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(MAGIC.length, json.length, true);
  bytes.set(json, JSON_AT);
  let at = rowsAt;
  for (const list of values) {
    new Float32Array(bytes.buffer, at, list.length).set(list);
    at += list.byteLength;
  }
  return bytes;
}

/** Tells a set of a log from a file of changes. */
export const isLoggedSet = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

/**
 * Reads a set of a log and checks every byte of it.
 *
 * @param bytes what {@link encodeLoggedSet} has written
 * @returns the changes
 * @throws FormatError for bytes that are damaged, cut short or not a set of a log
 *
 * @example
 * const { upserts, removals } = decodeLoggedSet(encodeLoggedSet({ removals: ["sold out"] }));
 */
export function decodeLoggedSet(bytes: Uint8Array): LoggedSet {
  const fail = (code: string, at: number, message: string): never => {
    throw new FormatError(code, at, `the set of a log: ${message}`);
  };
  if (!isLoggedSet(bytes)) fail("foreign-file", 0, 'expected bytes that begin with "midxset1"');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength - CHECKSUM_BYTES;
  if (end < JSON_AT || JSON_AT + view.getUint32(MAGIC.length, true) > end) {
    fail("file-truncated", bytes.byteLength, `there are ${bytes.byteLength} bytes, fewer than its header says`);
  }
  if (view.getBigUint64(end, true) !== xxh64(bytes.subarray(0, end), 0n)) {
    fail("tensor-checksum", end, "it does not match its checksum");
  }
  const jsonEnd = JSON_AT + view.getUint32(MAGIC.length, true);
  const header = headerIn(bytes.subarray(JSON_AT, jsonEnd), fail);
  const { dim, labels, hasBiases, metadata, removals, space } = header;
  const rowsAt = Math.ceil(jsonEnd / 4) * 4;
  const floats = labels.length * (dim + Number(hasBiases ?? false));
  if (rowsAt + 4 * floats !== end) {
    fail("tensor-size", rowsAt, `expected ${floats} values of f32 behind the header, got ${(end - rowsAt) / 4}`);
  }
  const values = new Float32Array(new Uint8Array(bytes.subarray(rowsAt, end)).buffer);
  const wrong = values.findIndex((value) => !(Math.abs(value) <= MAGNITUDE_LIMIT));
  if (wrong >= 0)
    fail("tensor-value", rowsAt + 4 * wrong, `value ${wrong} expected a finite number, got ${values[wrong]}`);
  const rows = values.slice(0, labels.length * dim);
  const biases = hasBiases ? values.slice(labels.length * dim) : undefined;
  const canonical = unsealed(header, rows, biases);
  let same = 0;
  while (same < end && canonical[same] === bytes[same]) same++;
  if (same < end) fail("header-canonical", same, "it differs from its canonical form");
  return {
    ...(labels.length > 0 && { upserts: { labels, rows, ...(biases && { biases }), ...(metadata && { metadata }) } }),
    removals,
    ...(space !== undefined && { space }),
  };
}

function headerIn(json: Uint8Array, fail: (code: string, at: number, message: string) => never): LoggedHeader {
  let header: unknown;
  try {
    header = JSON.parse(strictDecoder().decode(json));
  } catch {
    return fail("header-json", JSON_AT, "its header is not JSON");
  }
  checkLoggedHeader(header, (field, expected) =>
    fail("metadata-value", JSON_AT, `"${field}" of its header expected ${expected}`),
  );
  return header as LoggedHeader;
}
