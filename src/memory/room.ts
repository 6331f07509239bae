import type { IndexFacts } from "../format/facts.ts";
import type { IndexHeader, TensorPlace } from "../format/header.ts";
import { padTo, type TensorName, VECTOR_BYTES } from "../format/tensor-spec.ts";
import { paddedRow, ROW_VALUE_BYTES } from "../format/tensors.ts";

// An index that takes changes has room for rows behind the last of the file, in each tensor with a value for every
// position. So rows that are added later have positions like all others, and kernels score them like all others.

/**
 * Returns the number of positions behind those of the file: one for each row that changes may add, and one of zeros, which
 * belongs to no class and stands for those that were added and removed.
 */
export const addedPositions = (maxDelta: number): number => (maxDelta > 0 ? maxDelta + 1 : 0);

/** Returns the bytes of the room for `added` positions in each tensor that has a value or row for every position. */
function roomsOf(facts: IndexFacts, added: number): ReadonlyMap<TensorName, number> {
  const rowBytes = paddedRow(facts) * ROW_VALUE_BYTES[facts.rows];
  const rooms = new Map<TensorName, number>([["ids", 4]]);
  if (facts.hasBias) rooms.set("bias", 4);
  if (facts.rows === "i8") rooms.set("rowScales", 4);
  rooms.set("rows", rowBytes);
  if (facts.residuals) rooms.set("residuals.rows", rowBytes);
  for (const [name, bytes] of rooms) rooms.set(name, padTo(bytes * added, VECTOR_BYTES));
  return rooms;
}

/** Returns the bytes of the room for `added` positions in all tensors. */
export const roomBytes = (facts: IndexFacts, added: number): number =>
  [...roomsOf(facts, added).values()].reduce((sum, bytes) => sum + bytes, 0);

/**
 * Returns a header with the places of the tensors in memory, where there is room for `added` positions. Its facts are a copy:
 * changes write into it how many classes there are (src/changes).
 */
export function withRoom(header: IndexHeader, added: number): IndexHeader {
  const rooms = roomsOf(header.facts, added);
  const tensors: Partial<Record<TensorName, TensorPlace>> = {};
  let shift = 0;
  for (const [name, { begin, end }] of inOrder(header)) {
    const room = rooms.get(name) ?? 0;
    tensors[name] = { begin: begin + shift, end: end + shift + room };
    shift += room;
  }
  return { ...header, facts: { ...header.facts }, tensors };
}

/** Moves the tensors of a file in memory, which begins at `file`, to the places that `withRoom` gave them. */
export function makeRoom(memory: Uint8Array, file: number, from: IndexHeader, to: IndexHeader): void {
  for (const [name, { begin, end }] of inOrder(from).reverse()) {
    const moved = to.tensors[name] as TensorPlace;
    if (moved.begin === begin && moved.end === end) continue;
    memory.copyWithin(file + moved.begin, file + begin, file + end);
    memory.fill(0, file + moved.begin + end - begin, file + moved.end);
  }
}

/** The tensors in file order. */
const inOrder = ({ tensors }: IndexHeader): [TensorName, TensorPlace][] =>
  (Object.entries(tensors) as [TensorName, TensorPlace][]).sort(([, a], [, b]) => a.begin - b.begin);
