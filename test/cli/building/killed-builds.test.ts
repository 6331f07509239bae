import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCli } from "../bundle.ts";
import { makeFolder } from "../files.ts";
import { killBuilds } from "./killed-builds.ts";

let bundle: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  bundle = await bundleCli();
});
afterAll(() => bundle.remove());

/** `npm run test:kills` kills 200 builds in memory and 200 on disk. */
const COUNT = 4;

describe("a build that is killed", () => {
  test.each([{ extra: [] }, { extra: ["--max-memory", "500"] }])(
    "leaves the old index or the whole new one, and nothing that hinders the next build: $extra",
    async ({ extra }) => {
      const { finished, old, new: replaced } = await killBuilds(bundle.cli, makeFolder(), COUNT, extra);
      expect(finished + old + replaced).toBe(COUNT);
      expect(old + replaced).toBeGreaterThan(0);
    },
  );
});
