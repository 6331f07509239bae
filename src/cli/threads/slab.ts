/**
 * Memory that two threads share, for one value at a time. `share` copies the arrays of a value into it, over those of the
 * previous value. Arrays that are already in shared memory are not copied.
 */
export class Slab {
  private memory = new SharedArrayBuffer(0);

  share<T>(value: T): T {
    let byteLength = 0;
    withArrays(value, (array) => {
      byteLength += padded(array.byteLength);
      return array;
    });
    if (byteLength > this.memory.byteLength) this.memory = new SharedArrayBuffer(byteLength);
    let at = 0;
    return withArrays(value, (array) => {
      const place = at;
      at += padded(array.byteLength);
      const bytes = new Uint8Array(this.memory, place, array.byteLength);
      bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      return new (array.constructor as ArrayType)(this.memory, place, array.length);
    }) as T;
  }
}

type NumberArray = Float32Array | Float64Array | Int32Array | Uint16Array | Uint8Array;
type ArrayType = new (memory: SharedArrayBuffer, byteOffset: number, length: number) => NumberArray;

/** Pads a length so that the next array is aligned for every element type. */
const padded = (byteLength: number): number => Math.ceil(byteLength / 8) * 8;

/** Returns the value with its arrays replaced, except for arrays in shared memory. */
function withArrays(value: unknown, replace: (array: NumberArray) => NumberArray): unknown {
  if (ArrayBuffer.isView(value)) {
    return value.buffer instanceof SharedArrayBuffer ? value : replace(value as NumberArray);
  }
  if (Array.isArray(value)) return value.map((entry) => withArrays(entry, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, withArrays(entry, replace)]));
}
