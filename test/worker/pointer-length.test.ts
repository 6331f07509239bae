import { expect, it } from "vitest";
import { MAX_POINTER_BYTES } from "../../src/publication/pointer.ts";
import { publishedAt } from "../../worker/publication/published-at.ts";
import type { Bucket } from "../../worker/publication/store.ts";
import { inAssets, inBucket, inKeyValues } from "../../worker/publication/stores.ts";

const CHUNK_BYTES = 65536;

/** An endless stream of white space that counts the bytes read. */
function endless() {
  let read = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        read += CHUNK_BYTES;
        controller.enqueue(new Uint8Array(CHUNK_BYTES).fill(32));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, read: () => read };
}

it.each([
  ["R2", (body: ReadableStream<Uint8Array>) => inBucket({ get: async () => ({ etag: "e", body }) } satisfies Bucket)],
  ["KV", (body: ReadableStream<Uint8Array>) => inKeyValues({ get: async () => body })],
  ["assets", (body: ReadableStream<Uint8Array>) => inAssets({ fetch: async () => new Response(body) })],
])("a pointer in %s is read up to its limit and no further", async (_, storeOf) => {
  const { body, read } = endless();
  await expect(publishedAt(storeOf(body), "words/current.json").look()).rejects.toMatchObject({
    code: "pointer",
    message: expect.stringContaining("expected at most 262144 bytes, got more"),
  });
  expect(read()).toBeLessThanOrEqual(MAX_POINTER_BYTES + 2 * CHUNK_BYTES);
});
