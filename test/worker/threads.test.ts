import { expect, test } from "vitest";
import { load } from "../../src/workerd.ts";
import { indexFile, tinyIndex } from "../fixtures/tiny-index.ts";

test("Workers refuse threads, which they do not have, by name", async () => {
  const file = indexFile(tinyIndex({ itemCount: 70, dim: 6, bits: 2 }));
  await expect(load(file, { threads: { count: 2 } })).rejects.toThrow(
    new TypeError('"threads" expected none: Cloudflare Workers have no threads'),
  );
});
