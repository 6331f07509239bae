import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load, type MultiIndex } from "../../src/index.ts";
import { INDEX_LIMITS } from "../../worker/contract/limits.ts";
import { hasChromium, launchChromium, sayWithoutChromium } from "../runtime/chromium.ts";
import { installPage, type ServedPage, serve } from "./served-page.ts";
import { contexts, labelledIndex, plainIndex } from "./small-example.ts";
import { answered, changing, settled, shownShares, type Visitor, visit, visitQuietly } from "./visitor.ts";

// The page with other servers, other indexes and other visitors than those of page.test.ts, which opens it as most do.

sayWithoutChromium("the page in other settings");

describe.skipIf(!hasChromium)("the page", () => {
  let index: MultiIndex;
  let otherFile: Uint8Array<ArrayBuffer>;
  let served: ServedPage;
  let unlabelled: ServedPage;
  let withWords: ServedPage;
  let browser: Browser;
  let remove: () => void;

  beforeAll(async () => {
    const [file, plain] = await Promise.all([labelledIndex(), plainIndex()]);
    index = await load(file, INDEX_LIMITS);
    otherFile = plain;
    const { cli, addExamples, remove: removePage } = await installPage();
    remove = removePage;
    unlabelled = await serve(cli, plain);
    addExamples({ words: Array.from({ length: 3000 }, (_, id) => `word ${id}`) });
    withWords = await serve(cli, plain);
    served = await serve(cli, file);
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await Promise.all([served, unlabelled, withWords].map((server) => server?.close()));
    remove?.();
  });

  it("advises to reload it if its program does not arrive", () => {
    const answer: Visitor["answer"] = { path: "/page/page.js", with: (route) => route.abort() };
    return visit(browser, served.url, { answer }, async ({ page }) => {
      const advice = page.getByText("reload the page: its program may not have arrived");
      expect(await advice.isVisible()).toBe(false);
      await advice.evaluate((hidden) => {
        for (const animation of hidden.getAnimations()) animation.finish(); // as ten seconds later
      });
      await advice.waitFor();
    });
  });

  it("says why a call read all classes, and nothing of a gap that is then the other way round", () =>
    visitQuietly(
      browser,
      served.url,
      {
        answer: changing("/v1/predict", (body) => {
          const choice = { scan: 3000, draws: 0, proposal: "buckets", exact: true, expectedError: 0 };
          return { ...body, scored: 4100, choice };
        }),
      },
      async ({ page }) => {
        await answered(page);
        expect(await page.locator("#top-summary").textContent()).toMatch(
          /scored all 3,000 classes\. .*A first estimate was too uncertain, so the call read all classes\.$/,
        );
      },
    ));

  it("says so when the server has gone on to another version, whose classes it may not know", () =>
    visitQuietly(
      browser,
      served.url,
      {
        answer: changing("/v1/predict", (body) => {
          const ids = (body.ids as number[]).map((id) => id + index.info.itemCount);
          return { ...body, version: "words-2", ids };
        }),
      },
      async ({ page }) => {
        await page.getByText("The server has switched to version words-2: reload the page to compare.").waitFor();
        expect(await page.locator("#top").isVisible()).toBe(false);
      },
    ));

  it("compares nothing with the file of another version than the one that answers, and tries again when asked to", async () => {
    let isOther = true;
    const answer: Visitor["answer"] = {
      path: "/index.midx",
      with: async (route) => (isOther ? route.fulfill({ body: Buffer.from(otherFile) }) : route.fallback()),
    };
    await visit(browser, served.url, { answer }, async ({ page }) => {
      const version = index.info.contentId.slice(0, 12);
      await page.getByText(`The server answers with version ${version}, and sends the file of another one`).waitFor();
      isOther = false;
      await page.getByRole("button", { name: "Try again" }).click();
      await answered(page);
      expect(await page.locator("#checks li").first().getAttribute("data-holds")).toBe("true");
    });
  });

  it("fits a narrow phone without scrolling sideways, and takes touches there", () =>
    visitQuietly(
      browser,
      served.url,
      { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
      async ({ page }) => {
        await answered(page);
        await page.getByRole("combobox").tap();
        await page.getByRole("option", { name: contexts[2] as string }).tap();
        expect(await page.getByRole("combobox").inputValue()).toBe(contexts[2]);
        await page.getByRole("button", { name: "Paste a vector" }).tap();
        await settled(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
        const targets = await page
          .locator("button:visible, input:visible")
          .evaluateAll((all) => all.map((element) => element.getBoundingClientRect().right));
        for (const right of targets) expect(right).toBeLessThanOrEqual(360);
      },
    ));

  it("goes without examples where the server has none", () =>
    visit(
      browser,
      served.url,
      {
        answer: {
          path: "/page/examples.json",
          with: (route) => route.fulfill({ status: 404, json: { code: "not_found" } }),
        },
      },
      async ({ page }) => {
        await answered(page);
        expect(await page.getByText("a random vector").isVisible()).toBe(true);
      },
    ));

  it.each(["/v1/info", "/page/examples.json"])("names %s where the page of a login answers", (path) =>
    visit(
      browser,
      served.url,
      {
        answer: {
          path,
          with: (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<!doctype html>" }),
        },
      },
      async ({ page }) => await page.getByText(`${path} expected JSON from midx, got <!doctype html>`).waitFor(),
    ),
  );

  it("says that the server can't be reached", () =>
    visit(
      browser,
      served.url,
      { answer: { path: "/v1/info", with: (route) => route.abort() } },
      async ({ page }) => await page.getByText("The server can't be reached.").waitFor(),
    ));

  it("shows ids, a random query and no unigram for an index without labels, biases and examples", () =>
    visit(browser, unlabelled.url, {}, async ({ page, messages }) => {
      await settled(page);
      expect(await page.locator("#top-rows th").first().textContent()).toMatch(/^#\d+$/);
      expect(await page.getByRole("combobox").isVisible()).toBe(false);
      expect(await page.getByText("a random vector").isVisible()).toBe(true);
      expect(await page.getByText("its unigram distribution equals the uniform one").isVisible()).toBe(true);
      expect(Object.keys(await shownShares(page))).toEqual(["exact", "MIDX", "uniform"]);
      expect(messages).toEqual([]);
    }));

  it("shows the examples' words for an index without labels", () =>
    visit(browser, withWords.url, {}, async ({ page, messages }) => {
      await answered(page);
      expect(await page.locator("#top-rows th").first().textContent()).toMatch(/^word \d+$/);
      expect(await page.getByRole("combobox").inputValue()).toBe(contexts[0]);
      expect(messages).toEqual([]);
    }));
});
