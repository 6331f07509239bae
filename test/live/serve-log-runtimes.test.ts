import { afterAll, beforeAll, describe, test } from "vitest";
import { bundleCli } from "../cli/bundle.ts";
import { killBetweenWrites } from "./served-log.ts";

let bundle: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  bundle = await bundleCli();
});
afterAll(() => bundle.remove());

describe.each([
  { served: "one file", options: [] },
  { served: "parts", options: ["--parts", "2"] },
])("of $served", ({ options }) => {
  test.each(["Bun", "Deno"])("midx serve --log keeps what it has acknowledged in %s", (runtime) =>
    killBetweenWrites(runtime, bundle.cli, ...options),
  );
});
