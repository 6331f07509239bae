import { FormatError } from "./errors.ts";
import { quoteName } from "./strict-json.ts";

/*
 * How an index file is published. All of it lies beside the pointer, by content but for the two that are named:
 *
 *   words/current.json          the pointer: the version that is served, its parts in order
 *   words/versions/A.json       the pointer as it was when version A was published: what a rollback goes back to
 *   words/parts/3f5a…           a part of a file, named by its SHA-256
 *
 * Whatever a name holds but current.json never changes, so a reader of one pointer sees one complete version.
 */

/** What current.json says. */
export interface Pointer {
  /** A name for this file, of VERSION_NAME. */
  readonly version: string;
  /** SHA-256 of the whole file, hex. */
  readonly sha256: string;
  readonly byteLength: number;
  /** The file, end to end. */
  readonly parts: readonly Part[];
  /** The version before this one; none for the first. */
  readonly previous?: string;
}

export interface Part {
  readonly sha256: string;
  readonly byteLength: number;
}

/** Largest part, bytes: 24 MiB. A static asset and a value of KV may have 25. */
export const MAX_PART_BYTES = 25165824;
const MAX_PARTS = 1024;
const MAX_POINTER_BYTES = 262144;

const VERSION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SHA256 = /^[0-9a-f]{64}$/;

export const isVersionName = (name: string): boolean => VERSION_NAME.test(name);

/** The version of a file that nobody named: the first 12 digits of its content id. */
export const versionOfContent = (contentId: string): string => contentId.slice(0, 12);

/** Where a part lies, for a pointer at `pointerKey`. */
export const partKey = (pointerKey: string, { sha256 }: Part): string => `${folderOf(pointerKey)}parts/${sha256}`;

/** Where a version's own pointer lies. */
export const versionKey = (pointerKey: string, version: string): string =>
  `${folderOf(pointerKey)}versions/${version}.json`;

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf("/") + 1);

export const serialisePointer = (pointer: Pointer): string => `${JSON.stringify(pointer, undefined, 2)}\n`;

/** @throws FormatError with code "pointer", which names the field, what was expected and what is there */
export function parsePointer(text: string): Pointer {
  if (text.length > MAX_POINTER_BYTES) throw fault(`expected at most ${MAX_POINTER_BYTES} bytes, got ${text.length}`);
  const { version, sha256, byteLength, parts, previous } = objectOf(parseJson(text), "the pointer");
  const pointer = {
    version: versionOf(version, "version"),
    sha256: digestOf(sha256, "sha256"),
    byteLength: lengthOf(byteLength, "byteLength", Number.MAX_SAFE_INTEGER),
    parts: partsOf(parts),
    ...(previous !== undefined && { previous: versionOf(previous, "previous") }),
  };
  const total = pointer.parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (total !== pointer.byteLength)
    throw fault(`"byteLength" expected the sum of its parts, ${total}, got ${byteLength}`);
  return pointer;
}

function partsOf(parts: unknown): Part[] {
  if (!Array.isArray(parts) || parts.length < 1 || parts.length > MAX_PARTS) {
    throw fault(
      `"parts" expected an array of 1 to ${MAX_PARTS}, got ${Array.isArray(parts) ? parts.length : shown(parts)}`,
    );
  }
  return parts.map((part: unknown, i) => {
    const { sha256, byteLength } = objectOf(part, `"parts[${i}]"`);
    return {
      sha256: digestOf(sha256, `parts[${i}].sha256`),
      byteLength: lengthOf(byteLength, `parts[${i}].byteLength`, MAX_PART_BYTES),
    };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault("expected JSON");
  }
}

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw fault(`${name} expected an object, got ${shown(value)}`);
}

function versionOf(value: unknown, field: string): string {
  if (typeof value === "string" && isVersionName(value)) return value;
  throw fault(`"${field}" expected 1 to 64 letters, digits, "." "_" or "-", got ${shown(value)}`);
}

function digestOf(value: unknown, field: string): string {
  if (typeof value === "string" && SHA256.test(value)) return value;
  throw fault(`"${field}" expected 64 hex digits, got ${shown(value)}`);
}

function lengthOf(value: unknown, field: string, limit: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1 && value <= limit) return value;
  throw fault(`"${field}" expected an integer from 1 to ${limit}, got ${shown(value)}`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return quoteName(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

const fault = (message: string): FormatError => new FormatError("pointer", 0, `the pointer: ${message}`);
