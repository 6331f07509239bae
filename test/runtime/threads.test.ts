import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, inject, test } from "vitest";
import { hasChromium, sayWithoutChromium, withPage } from "./chromium.ts";
import { onMachine, tool } from "./commands.ts";
import { DEBIAN_BROWSERS, reportOfPage as reportOfDebian, sayWithoutDebianBrowsers } from "./debian-browsers.ts";
import { execute } from "./execute.ts";
import type { ThreadsReport } from "./program/compare-threads.ts";

sayWithoutChromium("threads in Chromium");
sayWithoutDebianBrowsers("threads");

const installed = inject("installed");
/** The headers of a page that may share memory. */
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

// A program that left an index open has ended when it returns.
const reportOf = async (command: string, ...args: readonly string[]): Promise<ThreadsReport> =>
  JSON.parse(await execute(installed, command, ...args, "threads.js"));

const reportOfPage = (path: string): Promise<ThreadsReport> =>
  withPage(
    installed,
    path,
    async (page) => {
      await page.waitForFunction("globalThis.report");
      return (await page.evaluate("globalThis.report")) as ThreadsReport;
    },
    ISOLATED,
  );

const expected = reportOf(tool("node"));

async function expectSame(report: ThreadsReport): Promise<void> {
  const { answers } = await expected;
  expect(report).toEqual({ answers, differing: [], disposed: "Error: the index has been disposed of" });
}

describe("threads give the bits of one thread, and keep no process alive", () => {
  test("in Node", async () => expectSame(await expected));

  test.skipIf(!onMachine("node"))("in the Node of the machine", async () =>
    expectSame(await reportOf(onMachine("node") as string)),
  );

  test("in Deno, without permissions", async () =>
    expectSame(await reportOf(tool("deno"), "run", "--no-prompt", "--no-remote")));

  test("in Bun", async () => expectSame(await reportOf(tool("bun"))));
});

describe.skipIf(!hasChromium)("threads give the bits of one thread", () => {
  test("in an isolated page of Chromium", async () => expectSame(await reportOfPage("threads.html")));

  test("in a worker of an isolated page, from a bundle", async () => {
    const [entry, outfile] = ["threads.js", "threads.bundle.js"].map((name) => join(installed, name)) as [
      string,
      string,
    ];
    await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", platform: "browser", target: "es2022" });
    await expectSame(await reportOfPage("threads-in-worker.html"));
  });

  test("and are refused in a page that is not isolated, by the headers that it lacks", async () => {
    // As text, because modules of tests may not contain an import that a page is to do.
    const refused = 'import("/node_modules/midx/dist/threads.js").then(({ threads }) => threads(2)).catch(String)';
    const message = await withPage(installed, "unbundled.html", (page) => page.evaluate(refused));
    expect(message).toMatch(/^Error: threads expected SharedArrayBuffer.*Cross-Origin-Embedder-Policy: require-corp$/);
  });
});

describe.each(DEBIAN_BROWSERS)("threads give the bits of one thread", (browser) => {
  test.skipIf(!browser.isInstalled)(`in an isolated page of ${browser.name}`, async () =>
    expectSame(await reportOfDebian(browser, installed, "threads.html", ISOLATED)),
  );
});
