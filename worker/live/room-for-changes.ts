import { joinedBytes } from "../../src/internal.ts";
import type { IndexSource } from "../../src/public.ts";
import { defaultRoom } from "./default-room.ts";

/** Headers of indexes are a few KB. A longer one is left to `load`, which reports what is wrong with it. */
const MOST_HEADER = 2 ** 20;

/** The rows of changes where there is no header to read. `load` then says what is wrong. If it does not, the limit shows it. */
const LEAST_ROWS = 1;

/** A file whose header has been read, and which can be read from its start nevertheless. */
export interface Peeked {
  readonly source: IndexSource;
  /** The most rows of changes by default. */
  readonly maxDelta: number;
}

/** Reads the header of a file for the size of its rows. Damage is left to `load`. */
export async function peeked(source: IndexSource): Promise<Peeked> {
  if (ArrayBuffer.isView(source)) {
    const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    return { source, maxDelta: roomIn(bytes) };
  }
  if (source instanceof ArrayBuffer) return { source, maxDelta: roomIn(new Uint8Array(source)) };
  const stream = source instanceof Blob ? source.stream() : source instanceof Response ? source.body : source;
  if (!(stream instanceof ReadableStream) || (source instanceof Response && !source.ok))
    return { source, maxDelta: LEAST_ROWS };
  const reader = stream.getReader();
  let head = new Uint8Array(0);
  let isOver = false;
  while (!isOver && head.length < Math.min(neededOf(head), MOST_HEADER)) {
    const { value, done } = await reader.read();
    isOver = done;
    if (value) head = joinedBytes([head, value]);
  }
  // Before there is a stream: workerd reads from one while it is made, and the head is gone then.
  const maxDelta = roomIn(head);
  const rest = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (head.length > 0) {
        controller.enqueue(head);
        head = new Uint8Array(0);
        return;
      }
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { source: rest, maxDelta };
}

/** The bytes of length field and header. */
const neededOf = (head: Uint8Array): number =>
  head.length < 8 ? 8 : 8 + Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));

/** Returns the most rows of changes by default, for a file with this beginning. */
function roomIn(file: Uint8Array): number {
  try {
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, neededOf(file))));
    const { dim, rows } = header.__metadata__ as { dim: string; rows: "f32" | "f16" | "i8" };
    return defaultRoom({ dim: Number(dim), rows, residuals: header["residuals.rows"] }) || LEAST_ROWS;
  } catch {
    return LEAST_ROWS;
  }
}
