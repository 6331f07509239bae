/** The ids of the sections of a WebAssembly module with the names of imports and exports. */
const IMPORTS = 2;
const EXPORTS = 7;
/** Kinds of imports and exports. */
const FUNCTION = 0;
const MEMORY = 2;
const GLOBAL = 3;

/** The bytes of the magic number and the version, before the first section. */
const PREAMBLE_BYTES = 8;

/**
 * Returns a WebAssembly module with other names of its imports and exports. Names that `renamed` lacks stay. The names of the
 * modules that imports come from stay too.
 *
 * @throws RangeError for an import of a table, which no kernel has
 */
export function withNames(module: Uint8Array, renamed: ReadonlyMap<string, string>): Uint8Array<ArrayBuffer> {
  const from = new Reader(module, PREAMBLE_BYTES);
  const to = [...module.subarray(0, PREAMBLE_BYTES)];
  while (from.at < module.length) {
    const id = from.byte();
    const body = new Reader(from.bytes(from.integer()), 0);
    const written = id === IMPORTS || id === EXPORTS ? withNamesOf(body, renamed, id === IMPORTS) : body.rest();
    to.push(id, ...integer(written.length), ...written);
  }
  return Uint8Array.from(to);
}

function withNamesOf(body: Reader, renamed: ReadonlyMap<string, string>, areImports: boolean): number[] {
  const count = body.integer();
  const to = integer(count);
  for (let i = 0; i < count; i++) {
    if (areImports) to.push(...text(body.text()));
    const name = body.text();
    to.push(...text(renamed.get(name) ?? name), ...(areImports ? importedKind(body) : exportedKind(body)));
  }
  return to;
}

/** Returns the kind of an import and its type. */
function importedKind(body: Reader): number[] {
  const kind = body.byte();
  if (kind === FUNCTION) return [kind, ...integer(body.integer())];
  if (kind === GLOBAL) return [kind, body.byte(), body.byte()];
  if (kind !== MEMORY)
    throw new RangeError(`"module" expected imports of functions, memory and globals, got kind ${kind}`);
  const hasMost = body.byte();
  const limits = hasMost & 1 ? [body.integer(), body.integer()] : [body.integer()];
  return [kind, hasMost, ...limits.flatMap(integer)];
}

/** Returns the kind of an export and its number. */
const exportedKind = (body: Reader): number[] => [body.byte(), ...integer(body.integer())];

class Reader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.#bytes[this.at++] as number;
  }

  bytes(count: number): Uint8Array {
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  rest(): number[] {
    return [...this.#bytes.subarray(this.at)];
  }

  /** Reads an unsigned LEB128. */
  integer(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }

  text(): string {
    return new TextDecoder().decode(this.bytes(this.integer()));
  }
}

function integer(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...integer(bytes.length), ...bytes];
}
