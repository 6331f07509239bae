import { strictDecoder } from "../bytes/strict-decoder.ts";

// Bytes of messages between parts, little-endian. A reader trusts nothing: every length is compared with what is left before
// anything is allocated, and errors name the field and its place.

type Numbers =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;
type NumbersClass<T extends Numbers> = { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer): T };

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ strictDecoder();
const isLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Turns the order of the bytes of each element from `at` on around, on machines whose order is the other one. */
function toLittle(bytes: Uint8Array, at: number, end: number, width: number): void {
  if (isLittle || width === 1) return;
  for (let each = at; each < end; each += width) bytes.subarray(each, each + width).reverse();
}

/** Most questions and answers are shorter. */
const FIRST_BYTES = 1024;

/** Collects the bytes of a message. */
export class MessageWriter {
  private bytes = new Uint8Array(FIRST_BYTES);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  /** Makes room for some bytes, and returns its offset. */
  private take(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.length, 2 * this.bytes.length));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }

  byte(value: number): void {
    const at = this.take(1);
    this.view.setUint8(at, value);
  }

  integer(value: number): void {
    const at = this.take(4);
    this.view.setUint32(at, value, true);
  }

  double(value: number): void {
    const at = this.take(8);
    this.view.setFloat64(at, value, true);
  }

  long(value: bigint): void {
    const at = this.take(8);
    this.view.setBigUint64(at, value, true);
  }

  /** Writes the number of elements, and the elements. */
  numbers(values: Float32Array | Float64Array | Int32Array | Uint8Array): void {
    this.integer(values.length);
    const at = this.take(values.byteLength);
    this.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    toLittle(this.bytes, at, this.length, values.BYTES_PER_ELEMENT);
  }

  text(value: string): void {
    this.numbers(encoder.encode(value));
  }

  end(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }
}

/** Reads the bytes of a message. RangeErrors name the field and the byte. */
export class MessageReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Throws a RangeError that names a field of the message. */
  refuse(name: string, expected: string, got: string | number): never {
    throw new RangeError(`"${name}" of the message expected ${expected}, got ${got} before byte ${this.at}`);
  }

  /** Returns the offset of the next bytes of a field, and passes them. */
  private pass(name: string, bytes: number): number {
    const left = this.bytes.length - this.at;
    if (bytes > left) this.refuse(name, `${bytes} bytes`, left);
    this.at += bytes;
    return this.at - bytes;
  }

  byte(name: string, most = 255): number {
    const value = this.view.getUint8(this.pass(name, 1));
    if (value > most) this.refuse(name, `at most ${most}`, value);
    return value;
  }

  flag(name: string): boolean {
    return this.byte(name, 1) === 1;
  }

  integer(name: string, most: number): number {
    const value = this.view.getUint32(this.pass(name, 4), true);
    if (value > most) this.refuse(name, `at most ${most}`, value);
    return value;
  }

  /** Reads a number from `low` to `high`, which is never NaN. */
  double(name: string, low: number, high: number): number {
    const value = this.view.getFloat64(this.pass(name, 8), true);
    if (!(value >= low && value <= high)) this.refuse(name, `${low} to ${high}`, value);
    return value;
  }

  long(name: string): bigint {
    return this.view.getBigUint64(this.pass(name, 8), true);
  }

  /** Reads an array of as many elements as it says, or of `count`. */
  numbers<T extends Numbers>(name: string, type: NumbersClass<T>, count?: number): T {
    const length = this.integer(name, 2 ** 31 - 1);
    if (count !== undefined && length !== count) this.refuse(name, `${count} elements`, length);
    const bytes = length * type.BYTES_PER_ELEMENT;
    const begin = this.pass(name, bytes);
    const copy = new Uint8Array(this.bytes.subarray(begin, begin + bytes));
    toLittle(copy, 0, bytes, type.BYTES_PER_ELEMENT);
    return new type(copy.buffer);
  }

  /** Reads an array whose elements pass a check, in pairs with the element before. */
  checked<T extends Numbers>(name: string, type: NumbersClass<T>, { count, expected, isGood }: ElementCheck): T {
    const values = this.numbers(name, type, count);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!isGood(value, i > 0 ? (values[i - 1] as number) : undefined)) this.refuse(`${name}[${i}]`, expected, value);
    }
    return values;
  }

  text(name: string, mostBytes: number): string {
    const bytes = this.numbers(name, Uint8Array as NumbersClass<Uint8Array<ArrayBuffer>>);
    if (bytes.length > mostBytes) this.refuse(name, `at most ${mostBytes} bytes`, bytes.length);
    try {
      return decoder.decode(bytes);
    } catch {
      return this.refuse(name, "UTF-8", "other bytes");
    }
  }

  end(): void {
    const left = this.bytes.length - this.at;
    if (left > 0) this.refuse("message", "its end", `${left} more bytes`);
  }
}

/** The conditions that the elements of an array must meet. */
export interface ElementCheck {
  /** The number of elements, if it is known. */
  readonly count?: number | undefined;
  readonly expected: string;
  readonly isGood: (value: number, before: number | undefined) => boolean;
}
