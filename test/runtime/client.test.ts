import { join } from "node:path";
import { expect, inject, test } from "vitest";
import type { Prediction } from "../../src/index.ts";
import { hasChromium, sayWithoutChromium, withPage } from "./chromium.ts";
import { serveIndex } from "./serve-index.ts";

// Node, Bun and Deno run examples/client.js, and workerd the suite of the client.

interface Report {
  readonly bytes: Prediction;
  readonly json: Prediction;
  readonly code: string;
}

sayWithoutChromium("midx/client in a page");

test.skipIf(!hasChromium)("a page asks with the client, from the package's own file", async () => {
  const service = await serveIndex(inject("installed"), join(inject("installed"), "examples/next-word/next-word.midx"));
  try {
    const { bytes, json, code } = await withPage(inject("installed"), "package.json", async (page) => {
      // The service allows no other origin, so a path of the page's own origin leads to it.
      await page.route("**/service/**", async (route) => {
        const url = route
          .request()
          .url()
          .replace(/^.*\/service/, service.url);
        await route.fulfill({ response: await route.fetch({ url }) });
      });
      await page.goto(new URL("client.html", page.url()).href);
      await page.waitForFunction("globalThis.report");
      return (await page.evaluate("globalThis.report")) as Report;
    });
    expect(bytes).toEqual(json);
    expect(bytes).toMatchObject({ ids: expect.any(Array), seed: String(2n ** 64n - 1n) });
    expect(bytes.ids).toHaveLength(3);
    expect(code).toBe("invalid_field");
  } finally {
    await service.stop();
  }
});
