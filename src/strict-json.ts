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
  checkDepth(text, offset);
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

/** Deeper than any header is. JSON.parse takes 50 bytes of memory and more for each bracket that is open. */
const MAX_DEPTH = 64;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/** Where the string that begins with the quote at `start` ends: behind its closing quote, or at the end of `text`. */
export function stringEnd(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
  }
  return text.length;
}

/**
 * Strings and brackets of JSON, one character at a time: a regular expression for strings needs memory for every escape in
 * them. What is between them is passed over.
 */
function* tokensOf(text: string): Generator<{ readonly start: number; readonly end: number }> {
  for (let start = 0; start < text.length; ) {
    const character = text[start] as string;
    const end = character === '"' ? stringEnd(text, start) : start + 1;
    if ('"[]{}'.includes(character)) yield { start, end };
    start = end;
  }
}

function checkDepth(text: string, offset: number): void {
  let depth = 0;
  for (const { start } of tokensOf(text)) {
    const token = text[start] as string;
    if ("[{".includes(token)) depth++;
    else if ("]}".includes(token)) depth--;
    if (depth > MAX_DEPTH) {
      const at = offset + utf8Bytes(text.slice(0, start));
      throw new FormatError("header-json", at, `the header is nested more than ${MAX_DEPTH} deep`);
    }
  }
}

/**
 * The first key that stands a second time in one object of `text`, which must be valid JSON. JSON.parse keeps the last of them
 * in silence, so two readers of one file could see different tensors.
 */
function findDuplicateKey(text: string): { key: string; index: number } | undefined {
  const open: Set<string>[] = [];
  for (const { start, end } of tokensOf(text)) {
    const token = text[start];
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (token === '"' && isKey(text, end)) {
      const key = JSON.parse(text.slice(start, end)) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return { key, index: start };
      keys?.add(key);
    }
  }
  return undefined;
}

/** Whether the string that ends at `end` is a key: a colon follows, perhaps behind white space. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (" \n\r\t".includes(text.charAt(at) || ":")) at++;
  return text[at] === ":";
}
