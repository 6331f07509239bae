import { readSync } from "node:fs";
import type { InputFile } from "../files/input-file.ts";

const STREAM_BYTES = 65536;

/** Streams the bytes of a file from its beginning, into the buffer of the reader. */
export function streamOf(fd: number): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: STREAM_BYTES,
    pull(controller) {
      const request = controller.byobRequest as ReadableStreamBYOBRequest;
      const view = request.view as Uint8Array;
      const count = readSync(fd, view, 0, view.byteLength, position);
      position += count;
      if (count === 0) controller.close();
      request.respond(count);
    },
  });
}

/** Streams the bytes of a file that may be elsewhere. */
export function streamOfInput(file: Pick<InputFile, "byteLength" | "fill">): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: STREAM_BYTES,
    async pull(controller) {
      const request = controller.byobRequest as ReadableStreamBYOBRequest;
      const view = request.view as Uint8Array<ArrayBuffer>;
      const count = Math.min(view.byteLength, file.byteLength - position);
      await file.fill(position, view.subarray(0, count));
      position += count;
      if (count === 0) controller.close();
      request.respond(count);
    },
  });
}
