import type { ClassBitmap } from "../answers/options.ts";

/** The classes of a part among all classes: consecutive ones, or those that a table lists in ascending order. */
export interface Place {
  /** The number of classes. */
  readonly count: number;
  /** The id of the first class. Ignored with a table. */
  readonly first: number;
  /** i32, ascending: the id of each class of the part. */
  readonly table: Int32Array | undefined;
  /** The ids of the classes that changes have added to the part, behind those of all files, ascending. Default: none. */
  readonly added?: readonly number[];
}

/** Classes of one part among others, with their places among the others. */
export interface OwnClasses {
  /** Ids of the part. */
  readonly ids: Int32Array;
  readonly places: Int32Array;
}

/** Returns the class of the part with this id; a negative number for a class of another part. */
function ownId({ count, first, table, added = [] }: Place, id: number): number {
  if (id >= (added[0] ?? Number.POSITIVE_INFINITY)) {
    const at = placeIn(added, id);
    return at < 0 ? -1 : count + at;
  }
  if (table === undefined) return id >= first && id < first + count ? id - first : -1;
  return placeIn(table, id);
}

/** Finds an id among ascending ones; −1 if it is not among them. */
function placeIn(ids: ArrayLike<number>, id: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] as number) < id) low = middle + 1;
    else high = middle;
  }
  return ids[low] === id ? low : -1;
}

/** The number of ids of a part. */
const idCount = ({ count, added = [] }: Place): number => count + added.length;

/** Returns the id among all classes of a class of the part. */
const idAmongAll = ({ count, first, table, added = [] }: Place, id: number): number =>
  (id >= count ? added[id - count] : table === undefined ? first + id : table[id]) as number;

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
export function ownBits(place: Place, { bitmap }: ClassBitmap): ClassBitmap {
  const count = idCount(place);
  const own = new Uint8Array(Math.ceil(count / 8));
  const inRow = place.table === undefined ? place.count : 0;
  moveBits(own, bitmap, place.first, inRow);
  for (let i = inRow; i < count; i++) {
    const id = idAmongAll(place, i);
    own[i >> 3] = (own[i >> 3] as number) | ((((bitmap[id >> 3] as number) >> (id & 7)) & 1) << (i & 7));
  }
  return { bitmap: own };
}

/** Copies `count` bits of `from`, from the bit `first` on, to the beginning of `to`, byte by byte. */
function moveBits(to: Uint8Array, from: Uint8Array, first: number, count: number): void {
  const [start, shift] = [first >> 3, first & 7];
  const bytes = (count + 7) >> 3;
  for (let i = 0; i < bytes; i++) {
    const two = (from[start + i] as number) | ((from[start + i + 1] ?? 0) << 8);
    to[i] = two >> shift;
  }
  if (count & 7) to[bytes - 1] = (to[bytes - 1] as number) & ((1 << (count & 7)) - 1);
}

/** Returns the ids among all classes. RangeError for an id that the part does not have. */
export function idsAmongAll(place: Place, ids: Int32Array, part: number): Int32Array {
  const count = idCount(place);
  return ids.map((id) => {
    if (!(id >= 0 && id < count)) {
      throw new RangeError(`an answer of part ${part} expected ids in 0..${count - 1}, got ${id}`);
    }
    return idAmongAll(place, id);
  });
}
