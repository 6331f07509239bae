import type { ClassBitmap } from "../answers/options.ts";

/** The classes of a part among all classes: consecutive ones, or those that a table lists in ascending order. */
export interface Place {
  /** The number of classes. */
  readonly count: number;
  /** The id of the first class. Ignored with a table. */
  readonly first: number;
  /** i32, ascending: the id of each class of the part. */
  readonly table: Int32Array | undefined;
}

/** Classes of one part among others, with their places among the others. */
export interface OwnClasses {
  /** Ids of the part. */
  readonly ids: Int32Array;
  readonly places: Int32Array;
}

/** Returns the class of the part with this id; a negative number for a class of another part. */
function ownId({ count, first, table }: Place, id: number): number {
  if (table === undefined) return id >= first && id < first + count ? id - first : -1;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((table[middle] as number) < id) low = middle + 1;
    else high = middle;
  }
  return table[low] === id ? low : -1;
}

/** Returns the classes of the part among `ids`, in their order. */
export function ownClasses(place: Place, ids: Int32Array): OwnClasses {
  const own = new Int32Array(ids.length);
  const places = new Int32Array(ids.length);
  let found = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ownId(place, ids[i] as number);
    if (id < 0) continue;
    own[found] = id;
    places[found++] = i;
  }
  return { ids: own.slice(0, found), places: places.slice(0, found) };
}

/** Returns the bits of the classes of the part. */
export function ownBits({ count, first, table }: Place, { bitmap }: ClassBitmap): ClassBitmap {
  const own = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) {
    const id = table === undefined ? first + i : (table[i] as number);
    own[i >> 3] = (own[i >> 3] as number) | ((((bitmap[id >> 3] as number) >> (id & 7)) & 1) << (i & 7));
  }
  return { bitmap: own };
}

/** Returns the ids among all classes. RangeError for an id that the part does not have. */
export function idsAmongAll({ count, first, table }: Place, ids: Int32Array, part: number): Int32Array {
  return ids.map((id) => {
    if (!(id >= 0 && id < count)) {
      throw new RangeError(`an answer of part ${part} expected ids in 0..${count - 1}, got ${id}`);
    }
    return table === undefined ? first + id : (table[id] as number);
  });
}
