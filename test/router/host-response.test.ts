import { expect, test } from "vitest";
import { readBytes } from "../../worker/router/host-response.ts";

const MOST = 1000;

/** A body of a million bytes in pieces, which counts those that were read. */
function longBody(): { readonly body: ReadableStream<Uint8Array>; readonly read: () => number } {
  let read = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        read += 100;
        if (read > 1_000_000) controller.close();
        else controller.enqueue(new Uint8Array(100));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, read: () => read };
}

test.each([
  ["says no length", {}],
  ["says that it is too long", { "content-length": "1000000" }],
  // fetch inflates such a body, and leaves the headers as they came.
  ["says how short it was before it was inflated", { "content-length": "20", "content-encoding": "br" }],
])("no more of an answer is read than it may have, if it %s", async (_, headers: Record<string, string>) => {
  const { body, read } = longBody();
  await expect(readBytes(new Response(body, { headers }), MOST)).rejects.toThrow("its answer has more than 1000 bytes");
  expect(read()).toBeLessThanOrEqual(MOST + 200);
});
