import { describe, inject } from "vitest";
import { DEBIAN_BROWSERS, reportOfPage, sayWithoutDebianBrowsers } from "./debian-browsers.ts";
import { describeBuildingPromises } from "./promises.ts";

sayWithoutDebianBrowsers("the package");

describe.each(DEBIAN_BROWSERS.filter(({ isInstalled }) => isInstalled))("$name", (browser) => {
  describeBuildingPromises("a page that imports the package's own files", () =>
    reportOfPage(browser, inject("installed"), "unbundled.html"),
  );
});
