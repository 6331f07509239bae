import { checkArray, checkLoaded, isTypedArray, MAGNITUDE_LIMIT, shown, type Vector } from "../checks/check.ts";

// Arguments that hold values are copied before a call does anything. A getter, a proxy or shared memory may give
// another value when it is read again, and code of the caller that runs while values are read must not meet an index in
// the middle of a call.

/**
 * Copies the queries of a call end to end, rounded to f32: one of `dim` values, or `batch` of them. Every value must be
 * finite and at most 2^40 in magnitude. TypeError and RangeError name the argument and the place in it. One query is copied
 * to `single`, f32 (dim), because a new array of more than 64 bytes takes 2 µs.
 */
export function copyQueries(
  query: Vector,
  dim: number,
  batch: number | undefined,
  maxBatch: number,
  single: Float32Array,
): Float32Array {
  checkFloats("query", query);
  const { length } = query;
  if (batch !== undefined) {
    checkLoaded("batch", batch, maxBatch, "maxBatch");
    if (length !== batch * dim) {
      throw new RangeError(`"query" expected ${batch} × ${dim} values (batch × info.dim), got ${length}`);
    }
  } else if (length !== dim) {
    const count = length / dim;
    const remedy = count > 1 && Number.isInteger(count) ? `; for several queries end to end say batch: ${count}` : "";
    throw new RangeError(`"query" expected ${dim} values (info.dim), got ${length}${remedy}`);
  }
  return copyFloats("query", query, batch === undefined ? single : new Float32Array(length));
}

/** Checks for an array of numbers, which bits of float16 are not. */
export function checkFloats(name: string, values: unknown): void {
  const array = "a Float32Array or an array";
  checkArray(name, values, "numbers", array);
  if (!isTypedArray(values, "Uint16Array")) return;
  throw new TypeError(
    `"${name}" expected ${array} of numbers, got a Uint16Array: bits of float16 are read by a Float16Array`,
  );
}

/** Fills `copy` from `values`, rounded to f32. Every value must be finite and at most 2^40 in magnitude. */
export function copyFloats<Copy extends Float32Array>(name: string, values: ArrayLike<number>, copy: Copy): Copy {
  if (takeFloats(values, copy)) return copy;
  for (let i = 0; i < copy.length; i++) copy[i] = checkFloat(name, i, values[i]);
  return copy;
}

/** The length of a typed array, whatever a class of the caller says that it is. */
const { get: lengthOf } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Float32Array.prototype), "length") as {
  get: () => number;
};

/**
 * Fills `copy` from a Float32Array at once, and returns whether it was one and its values are in range. Nothing is read
 * twice: the copy is checked.
 */
function takeFloats(values: ArrayLike<number>, copy: Float32Array): boolean {
  if (!(ArrayBuffer.isView(values) && values instanceof Float32Array)) return false;
  if (Reflect.apply(lengthOf, values, []) !== copy.length) return false;
  copy.set(values);
  for (let i = 0; i < copy.length; i++) if (!(Math.abs(copy[i] as number) <= MAGNITUDE_LIMIT)) return false;
  return true;
}

/** Fills `copy` from an Int32Array in the same way, with ids in [0, itemCount). A tenth of the time of reading them one by one. */
function takeIds(ids: ArrayLike<number>, copy: Int32Array, itemCount: number): boolean {
  if (!(ArrayBuffer.isView(ids) && ids instanceof Int32Array)) return false;
  if (Reflect.apply(lengthOf, ids, []) !== copy.length) return false;
  copy.set(ids);
  for (let i = 0; i < copy.length; i++) if ((copy[i] as number) >>> 0 >= itemCount) return false;
  return true;
}

/** Checks a value and rounds it to f32. */
export function checkFloat(name: string, i: number, raw: unknown): number {
  const value = typeof raw === "number" ? Math.fround(raw) : Number.NaN;
  if (Math.abs(value) <= MAGNITUDE_LIMIT) return value;
  throw new (typeof raw === "number" ? RangeError : TypeError)(
    `"${name}"[${i}] expected a finite number of magnitude at most 2^40, got ${shown(raw)}`,
  );
}

/** Copies ids of classes, each in [0, itemCount). Errors name the argument. */
export function copyIds(name: string, ids: ArrayLike<number>, itemCount: number): Int32Array<ArrayBuffer> {
  checkArray(name, ids, "integers");
  const copy = new Int32Array(ids.length);
  if (takeIds(ids, copy, itemCount)) return copy;
  for (let i = 0; i < copy.length; i++) {
    const id: unknown = ids[i];
    if (!(typeof id === "number" && Number.isInteger(id) && id >= 0 && id < itemCount)) {
      const expected = itemCount > 0 ? `an integer in 0..${itemCount - 1}` : "no id, as the index is empty";
      const remedy = typeof id === "string" ? ": idsOf finds the ids of labels" : "";
      throw new RangeError(`"${name}"[${i}] expected ${expected}, got ${shown(id)}${remedy}`);
    }
    copy[i] = id;
  }
  return copy;
}

/** Copies the classes of a slate, which must differ. */
export function copySlate(ids: ArrayLike<number>, itemCount: number): Int32Array<ArrayBuffer> {
  const classes = copyIds("ids", ids, itemCount);
  const places = new Map<number, number>();
  for (const [place, id] of classes.entries()) {
    const before = places.get(id);
    if (before !== undefined) {
      throw new RangeError(
        `"ids"[${place}] expected a class that is not in the slate yet, got ${id} as in [${before}]`,
      );
    }
    places.set(id, place);
  }
  return classes;
}
