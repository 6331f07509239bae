import { FormatError } from "./format-error.ts";
import { strictDecoder } from "./strict-decoder.ts";

/**
 * Parses the JSON object in `bytes`, which begin at byte `offset` of a file, and returns its entries. The bytes must be
 * valid UTF-8 and begin with `{` (no byte order mark), and no object may repeat a key.
 *
 * Codes: header-utf8, header-json, header-duplicate. A key `__proto__` is an entry like any other.
 */
export function parseStrictJson(bytes: Uint8Array, offset: number): [string, unknown][] {
  const text = decode(bytes, offset);
  const fail = (code: string, index: number, message: string): never => {
    throw new FormatError(code, offset + utf8Bytes(text.slice(0, index)), message);
  };
  if (!text.startsWith("{")) fail("header-json", 0, 'the header does not start with "{"');
  try {
    const { repeated, tooDeep } = scan(text);
    if (tooDeep !== undefined) fail("header-json", tooDeep, `the header is nested more than ${MAX_DEPTH} deep`);
    const root: object = JSON.parse(text);
    if (repeated) fail("header-duplicate", repeated.index, `${quoteName(repeated.key)} occurs twice in one object`);
    return Object.entries(root);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    return fail("header-json", 0, "the header is not JSON");
  }
}

/** Quotes a name for an error message, and cuts it, since it comes from the file. */
export const quoteName = (name: string): string => JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name);

/** Returns the byte at which `key` stands in the JSON `bytes`, or 0 if it is written with escapes. */
export function keyOffset(bytes: Uint8Array, key: string): number {
  const text = new TextDecoder().decode(bytes);
  const at = text.indexOf(JSON.stringify(key));
  return utf8Bytes(text.slice(0, Math.max(at, 0)));
}

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).byteLength;

function decode(bytes: Uint8Array, offset: number): string {
  try {
    return strictDecoder().decode(bytes);
  } catch {
    throw new FormatError("header-utf8", offset, "the header is not valid UTF-8");
  }
}

/** No header is nested more deeply. JSON.parse takes at least 50 bytes of memory for each open bracket. */
const MAX_DEPTH = 64;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/**
 * Returns the end of the string whose opening quote is at `start`: just behind its closing quote, or the end of `text`.
 */
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
 * Scans JSON before it is parsed, one character at a time, since a regular expression for strings needs memory for
 * every escape. `tooDeep` is the place at which too many brackets are open. `repeated` is the first key that occurs
 * twice in an object. JSON.parse silently keeps the last one, so two readers of one file could see different tensors.
 */
function scan(text: string): { repeated?: { key: string; index: number }; tooDeep?: number } {
  /** The keys of each open object; a list has none. */
  const open: Set<string>[] = [];
  let repeated: { key: string; index: number } | undefined;
  for (let at = 0, end = 0; at < text.length; at = end) {
    const token = text.charAt(at);
    end = token === '"' ? stringEnd(text, at) : at + 1;
    if (token === "{" || token === "[") {
      if (open.push(new Set()) > MAX_DEPTH) return { tooDeep: at };
    } else if (token === "}" || token === "]") open.pop();
    else if (token === '"' && isKey(text, end)) {
      const key = JSON.parse(text.slice(at, end)) as string;
      if (open.at(-1)?.has(key)) repeated ??= { key, index: at };
      open.at(-1)?.add(key);
    }
  }
  return repeated ? { repeated } : {};
}

/** Returns true if the string that ends at `end` is a key: a colon follows, perhaps after white space. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (" \n\r\t".includes(text.charAt(at) || ":")) at++;
  return text[at] === ":";
}
