import { readSync } from "node:fs";

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
