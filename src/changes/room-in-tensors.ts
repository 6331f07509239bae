import type { TensorPlace } from "../format/header.ts";
import { padTo, type TensorName, VECTOR_BYTES } from "../format/tensor-spec.ts";
import { rowBytes } from "../format/tensors.ts";
import { type OpenedIndex, writeTensors } from "../memory/opened-index.ts";

/**
 * Moves the tensors of a file apart in memory, so that each tensor with a value for every position has room behind the last.
 * Rows that are added then have positions like all others, and kernels score them like all others. It takes the time of one
 * copy of the file, and views of tensors must be made anew.
 */
export function makeRoom(opened: OpenedIndex): void {
  const { kernels, plan, header } = opened;
  const bytes = rowBytes(header.facts);
  const bytesOf: Readonly<Record<string, number>> = {
    ids: 4,
    bias: 4,
    rowScales: 4,
    rows: bytes,
    "residuals.rows": bytes,
  };
  const roomOf = (name: string): number => padTo((bytesOf[name] ?? 0) * (plan.capacity - plan.itemCount), VECTOR_BYTES);
  const memory = new Uint8Array(kernels.memory.buffer);
  const places = Object.entries(header.tensors) as [TensorName, TensorPlace][]; // in file order
  let shift = places.reduce((sum, [name]) => sum + roomOf(name), 0);
  for (const [name, { begin, end }] of places.reverse()) {
    const room = roomOf(name);
    shift -= room;
    const from = plan.file + begin;
    memory.copyWithin(from + shift, from, plan.file + end);
    memory.fill(0, plan.file + end + shift, plan.file + end + shift + room);
    Object.assign(header.tensors, { [name]: { begin: begin + shift, end: end + shift + room } });
  }
  writeTensors(opened);
}
