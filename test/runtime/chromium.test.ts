import { join } from "node:path";
import { build } from "esbuild";
import { describe, inject } from "vitest";
import { hasChromium, sayWithoutChromium, withPage } from "./chromium.ts";
import { type BuildingReport, describeBuildingPromises } from "./promises.ts";

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
});
