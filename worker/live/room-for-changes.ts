import type { IndexSource } from "../../src/public.ts";

/** The most rows of changes by default, and the most bytes that they take. */
const MOST_ROWS = 20_000;
const MOST_BYTES = 8_000_000;
/** What a class of changes takes beside its rows: its id, bias and scale. */
const BESIDE_ROW = 12;
const ROW_ALIGNMENT = 16;
/** Headers of indexes are a few KB. A longer one is left to `load`, which knows what to make of it. */
const MOST_HEADER = 2 ** 20;
const VALUE_BYTES = { f32: 4, f16: 2, i8: 1 } as const;

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
  if (!stream || (source instanceof Response && !source.ok)) return { source, maxDelta: MOST_ROWS };
  const reader = stream.getReader();
  let head = new Uint8Array(0);
  let isOver = false;
  while (!isOver && head.length < Math.min(neededOf(head), MOST_HEADER)) {
    const { value, done } = await reader.read();
    isOver = done;
    if (value) head = joined(head, value);
  }
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
  return { source: rest, maxDelta: roomIn(head) };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** The bytes of length field and header. */
const neededOf = (head: Uint8Array): number =>
  head.length < 8 ? 8 : 8 + Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));

function roomIn(file: Uint8Array): number {
  try {
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, neededOf(file))));
    const { dim, rows } = header.__metadata__ as { dim: string; rows: keyof typeof VALUE_BYTES };
    const values = Math.ceil((Number(dim) * VALUE_BYTES[rows]) / ROW_ALIGNMENT) * ROW_ALIGNMENT;
    const bytes = (header["residuals.rows"] ? 2 : 1) * values + BESIDE_ROW;
    return Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_BYTES / bytes))) || MOST_ROWS;
  } catch {
    return MOST_ROWS; // `load` says what is wrong with it
  }
}
