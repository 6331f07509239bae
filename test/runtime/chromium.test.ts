import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, inject, test } from "vitest";
import { hasChromium, sayWithoutChromium, withPage } from "./chromium.ts";
import type { BuildingReport } from "./program/building-report.ts";
import { describeBuildingPromises } from "./promises.ts";

sayWithoutChromium("the package in Chromium");

const reportOf = (path: string): Promise<BuildingReport> =>
  withPage(inject("installed"), path, async (page) => {
    await page.waitForFunction("globalThis.report");
    return (await page.evaluate("globalThis.report")) as BuildingReport;
  });

describe.skipIf(!hasChromium)("Chromium", () => {
  describeBuildingPromises("a page that imports the package's own files", () => reportOf("unbundled.html"));

  describeBuildingPromises("a page that imports a bundle", async () => {
    const [entry, outfile] = ["page.js", "page.bundle.js"].map((name) => join(inject("installed"), name)) as [
      string,
      string,
    ];
    await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", platform: "browser" });
    return reportOf("bundled.html");
  });

  test("reads the kernels of a script that is no module in the encoding of an old page", async () => {
    const folder = inject("installed");
    const contents =
      'import { load } from "midx"; load(new Uint8Array(8)).catch(({ name }) => { globalThis.failure = name; });';
    const format = { bundle: true, format: "iife", charset: "utf8", platform: "browser" } as const;
    await build({ stdin: { contents, resolveDir: folder }, outfile: join(folder, "old-page.js"), ...format });
    writeFileSync(
      join(folder, "old-page.html"),
      '<!doctype html><script charset="windows-1252" src="old-page.js"></script>',
    );
    const failure = await withPage(folder, "old-page.html", async (page) => {
      await page.waitForFunction("globalThis.failure");
      return page.evaluate("globalThis.failure");
    });
    expect(failure).toBe("FormatError"); // of the file, so the kernels are compiled
  });
});
