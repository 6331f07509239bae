// The kernels of a module work in a memory of its own, or in one that it imports. Threads share a memory, which all of them
// import: the modules differ from the others in the declaration of their memory alone.

const IMPORTS = 2;
const MEMORIES = 5;
/** Import sections stand behind those with these numbers: custom ones and types. */
const IN_FRONT_OF_IMPORTS = 1;
/** The kind of a memory among imports. */
const MEMORY = 2;
/** "\0asm" and the version. */
const PREAMBLE_BYTES = 8;
const PAGE_BYTES = 65536;
/** The most pages that a memory of 32-bit addresses can have. */
const MOST_PAGES = 65536;
/** A shared memory of at least one page and at most all of them. */
const SHARED_LIMITS = [3, 1, ...leb128(MOST_PAGES)];

interface Section {
  readonly id: number;
  readonly content: readonly number[];
}

/** Returns the module with an import of a shared memory in place of its memory. */
export function importingSharedMemory(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(module);
  const imports = sections.find(({ id }) => id === IMPORTS);
  const shared = { id: IMPORTS, content: imports ? withSharedMemory(imports.content) : onlyMemory() };
  const others = sections.filter(({ id }) => id !== IMPORTS && id !== MEMORIES);
  const behind = others.findIndex(({ id }) => id > IN_FRONT_OF_IMPORTS);
  const all = [...others.slice(0, behind), shared, ...others.slice(behind)];
  return Uint8Array.from([
    ...module.subarray(0, PREAMBLE_BYTES),
    ...all.flatMap(({ id, content }) => [id, ...leb128(content.length), ...content]),
  ]);
}

/** Makes a memory that threads can share, which grows up to this many bytes. */
export const sharedMemory = (maxBytes: number): WebAssembly.Memory =>
  new WebAssembly.Memory({ initial: 1, maximum: Math.min(Math.ceil(maxBytes / PAGE_BYTES), MOST_PAGES), shared: true });

function sectionsOf(module: Uint8Array): Section[] {
  const sections: Section[] = [];
  const reader = new Reader(module, PREAMBLE_BYTES);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    sections.push({ id, content: reader.bytes(reader.leb128()) });
  }
  return sections;
}

/** Makes a section that imports nothing but a memory. */
const onlyMemory = (): number[] => [1, ...nameOf("env"), ...nameOf("memory"), MEMORY, ...SHARED_LIMITS];

/** Returns imports, functions and a memory, with shared limits of the memory. */
function withSharedMemory(content: readonly number[]): number[] {
  const reader = new Reader(content, 0);
  const changed = [...leb128(reader.leb128())];
  while (!reader.isAtEnd) {
    for (const part of [reader.bytes(reader.leb128()), reader.bytes(reader.leb128())]) {
      changed.push(...leb128(part.length), ...part);
    }
    const kind = reader.byte();
    changed.push(kind);
    const limits = reader.leb128(); // of a memory, or the type of a function
    if (kind !== MEMORY) {
      changed.push(...leb128(limits));
      continue;
    }
    for (let numbers = 0; numbers <= limits; numbers++) reader.leb128(); // the least pages, and with 1 the most
    changed.push(...SHARED_LIMITS);
  }
  return changed;
}

const nameOf = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];

/** Encodes an unsigned integer. */
function leb128(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >>> 7;
  return rest > 0 ? [low | 0x80, ...leb128(rest)] : [low];
}

class Reader {
  private readonly source: ArrayLike<number>;
  private at: number;

  constructor(source: ArrayLike<number>, at: number) {
    this.source = source;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.source.length;
  }

  byte(): number {
    return this.source[this.at++] as number;
  }

  bytes(count: number): number[] {
    this.at += count;
    return Array.prototype.slice.call(this.source, this.at - count, this.at) as number[];
  }

  leb128(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
}
