import { FormatError } from "../../../bytes/format-error.ts";

/** A number of 64 bits has no more bytes. The decoder takes quadratic time for longer ones. */
const MAX_VARINT_BYTES = 10;

/** The code of the faults of some bytes, where they begin in the file, and the words for an end that comes too early. */
export interface Source {
  readonly code: "parquet-file" | "parquet-pages";
  /** Undefined for bytes that were inflated, which stand nowhere in the file. */
  readonly offset?: number;
  readonly ended: string;
}

/** Goes through bytes from front to back. FormatError where they end too early. */
export class ByteReader {
  at: number;
  private readonly bytes: Uint8Array;
  private readonly source: Source;

  constructor(bytes: Uint8Array, at: number, source: Source) {
    this.bytes = bytes;
    this.at = at;
    this.source = source;
  }

  get left(): number {
    return this.bytes.byteLength - this.at;
  }

  byte(): number {
    return this.bytes[this.at++] ?? this.fail(this.source.ended);
  }

  take(count: number): Uint8Array {
    if (count > this.left) this.fail(this.source.ended);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  skip(count: number): void {
    if (count > this.left) this.fail(`${count} bytes, where ${this.left} are left`);
    this.at += count;
  }

  /** An unsigned LEB128 number, exact below 2^53. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return this.fail(`a number of more than ${MAX_VARINT_BYTES} bytes`);
  }

  /** The same of at most 32 bits: the decoder makes something else of longer ones. */
  varint32(): number {
    const value = this.varint();
    return value < 2 ** 32 ? value : this.fail(`the number ${value}, where 32 bits are expected`);
  }

  fail(message: string): never {
    const { code, offset } = this.source;
    throw new FormatError(code, offset === undefined ? 0 : offset + this.at, message);
  }
}

/** The signed number that zigzag coding made unsigned, of 32 bits. */
export const unzigzag = (value: number): number => (value >>> 1) ^ -(value & 1);
