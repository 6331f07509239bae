import { describe, inject } from "vitest";
import { DEBIAN_BROWSERS, reportOfPage, sayWithoutDebianBrowsers } from "./debian-browsers.ts";
import { describeBuildingPromises } from "./promises.ts";

sayWithoutDebianBrowsers("the package");

for (const browser of DEBIAN_BROWSERS) {
  describe.skipIf(!browser.isInstalled)(browser.name, () => {
    describeBuildingPromises("a page that imports the package's own files", () =>
      reportOfPage(browser, inject("installed"), "unbundled.html"),
    );
  });
}
