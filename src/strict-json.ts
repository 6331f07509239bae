import { FormatError } from "./errors.ts";

/**
 * The entries of the JSON object in `bytes`, which stand at byte `offset` of a file: valid UTF-8, `{` first (no byte
 * order mark), every key once in its object.
 *
 * Codes: header-utf8, header-json, header-duplicate. A key `__proto__` is an entry like any other.
 */
export function parseStrictJson(bytes: Uint8Array, offset: number): [string, unknown][] {
  const text = decode(bytes, offset);
  if (!text.startsWith("{")) throw new FormatError("header-json", offset, 'the header does not start with "{"');
  const root = parse(text, offset);
  const repeated = findDuplicateKey(text);
  if (repeated !== undefined) {
    const at = offset + utf8Bytes(text.slice(0, repeated.index));
    throw new FormatError("header-duplicate", at, `${quoteName(repeated.key)} stands twice in one object`);
  }
  return Object.entries(root);
}

/** A name for an error message: quoted, and cut, since it comes from the file. */
export const quoteName = (name: string): string => JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name);

/** The byte where `key` stands in the JSON `bytes`, or 0 if it is written with escapes there. */
export function keyOffset(bytes: Uint8Array, key: string): number {
  const text = new TextDecoder().decode(bytes);
  const at = text.indexOf(JSON.stringify(key));
  return utf8Bytes(text.slice(0, Math.max(at, 0)));
}

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).byteLength;

function decode(bytes: Uint8Array, offset: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError("header-utf8", offset, "the header is not valid UTF-8");
  }
}

function parse(text: string, offset: number): object {
  try {
    return JSON.parse(text);
  } catch {
    throw new FormatError("header-json", offset, "the header is not JSON");
  }
}

/** Strings, with a colon behind them if they are keys, and braces; all else is passed over. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"(?<colon>\s*:)?|[{}]/gs;

/**
 * The first key that stands a second time in one object of `text`, which must be valid JSON. JSON.parse keeps the last of them
 * in silence, so two readers of one file could see different tensors.
 */
function findDuplicateKey(text: string): { key: string; index: number } | undefined {
  const open: Set<string>[] = [];
  for (const { 0: token, groups, index } of text.matchAll(TOKEN)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (groups?.colon !== undefined) {
      const key = JSON.parse(token.slice(0, -groups.colon.length)) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return { key, index };
      keys?.add(key);
    }
  }
  return undefined;
}
