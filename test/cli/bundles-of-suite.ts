import { dirname } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { bundleCli } from "./bundle.ts";

// Apart from bundle.ts, which programs outside Vitest import.

/** Keeps the bundles of the command line, as published, in a folder while a suite runs. Returns a function that returns the folder. */
export function bundlesOfSuite(): () => string {
  let bundled: Awaited<ReturnType<typeof bundleCli>>;
  beforeAll(async () => {
    bundled = await bundleCli();
  });
  afterAll(() => bundled.remove());
  return () => dirname(bundled.cli);
}
