import { FormatError } from "../../../bytes/format-error.ts";

/** The most bytes of a 64-bit number. The decoder takes quadratic time for longer numbers. */
const MAX_VARINT_BYTES = 10;

/** The error code for some bytes, their offset in the file, and the message if they end too early. */
export interface Source {
  readonly code: "parquet-file" | "parquet-pages";
  /** Undefined for inflated bytes, which have no place in the file. */
  readonly offset?: number;
  readonly ended: string;
}

/** Reads bytes from front to back. It throws a FormatError if they end too early. */
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
    if (count > this.left) this.fail(`expected ${count} bytes, but ${this.left} are left`);
    this.at += count;
  }

  /** Reads an unsigned LEB128 number, exact below 2^53. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return this.fail(`a number has more than ${MAX_VARINT_BYTES} bytes`);
  }

  /** Reads an unsigned LEB128 number of at most 32 bits. The decoder misreads longer ones. */
  varint32(): number {
    const value = this.varint();
    return value < 2 ** 32 ? value : this.fail(`expected a 32-bit number, got ${value}`);
  }

  fail(message: string): never {
    const { code, offset } = this.source;
    throw new FormatError(code, offset === undefined ? 0 : offset + this.at, message);
  }
}

/** Decodes a 32-bit zigzag number. */
export const unzigzag = (value: number): number => (value >>> 1) ^ -(value & 1);
