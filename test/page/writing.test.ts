import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grammarOf, write } from "../../examples/text/text.js";
import { load, type MultiIndex } from "../../src/index.ts";
import { somePhrases } from "../examples/next-phrase.ts";
import { hasChromium, launchChromium, sayWithoutChromium } from "../runtime/chromium.ts";
import { installPage, type ServedPage, serve } from "./served-page.ts";
import { plainIndex } from "./small-example.ts";
import { type Visitor, visit } from "./visitor.ts";

sayWithoutChromium("writing in the page");

const START = "the album received";
const PHRASES = 40;
const PENALTIES = { repetitionPenalty: 1.2, frequencyPenalty: 0.3 };

describe.skipIf(!hasChromium)("writing in the page", () => {
  let index: MultiIndex;
  let served: ServedPage;
  let plain: ServedPage;
  let browser: Browser;
  let remove: () => void;

  beforeAll(async () => {
    const file = await somePhrases();
    index = await load(file);
    const installed = await installPage();
    remove = installed.remove;
    [served, plain] = await Promise.all([serve(installed.cli, file), serve(installed.cli, await plainIndex())]);
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await Promise.all([served, plain].map((server) => server?.close()));
    remove?.();
  });

  const open = (visitor: Visitor, use: (page: Page) => Promise<void>): Promise<void> =>
    visit(browser, served.url, visitor, async ({ page, messages }) => {
      await page.getByRole("heading", { name: "Writing" }).waitFor();
      await use(page);
      expect(messages).toEqual([]);
    });

  /** Writes a text by the button, and waits for its end. */
  async function written(page: Page, seed: number): Promise<string> {
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText(new RegExp(`phrases · .* ms each · drawn from .* · seed ${seed}$`)).waitFor();
    expect(await page.locator("#written").getAttribute("aria-busy")).toBe("false");
    return (await page.locator("#written").textContent()) ?? "";
  }

  it("gives the text that the library gives here, for every setting of the controls", () =>
    open({}, async (page) => {
      const truncated = { ...PENALTIES, temperature: 0.8, topP: 0.9 };
      await page.getByLabel("The beginning of a text").fill(START);
      expect(await written(page, 1)).toBe(write(index, START, PHRASES, { ...truncated, seed: 1 }).text);
      expect(await written(page, 2)).toBe(write(index, START, PHRASES, { ...truncated, seed: 2 }).text);
      await page.getByLabel("Short sentences by a grammar").check({ force: true });
      const grammar = grammarOf(index);
      const { text } = write(index, START, PHRASES, { ...truncated, grammar, seed: 3 });
      expect(text).toMatch(/\.$/);
      expect(await written(page, 3)).toBe(text);
      await page.getByLabel("Short sentences by a grammar").uncheck({ force: true });
      await page.getByLabel("top_p").press("End");
      expect(await page.locator("#top-p-shown").textContent()).toBe("1.00");
      await page.getByLabel("Temperature").press("Home");
      expect(await page.locator("#temperature-shown").textContent()).toBe("0.00");
      const greedy = write(index, START, PHRASES, { ...PENALTIES, temperature: 0, seed: 4 });
      expect(await written(page, 4)).toBe(greedy.text);
      expect(await page.locator("#written [title]").first().getAttribute("title")).toBe(
        "100 % · the only class that was kept",
      );
    }));

  it("ends a text when another is begun, and writes by the keyboard without a beginning", () =>
    open({}, async (page) => {
      const options = { ...PENALTIES, temperature: 0.8, topP: 0.9 };
      await page.getByLabel("The beginning of a text").fill("");
      await page.getByLabel("The beginning of a text").press("Enter");
      expect(await written(page, 2)).toBe(write(index, "", PHRASES, { ...options, seed: 2 }).text);
    }));

  // A page at 1280 pixels that is zoomed to 400 % has 320.
  it.each([320, 360])("fits a phone of %i pixels without scrolling sideways", (width) =>
    open({ viewport: { width, height: 740 }, isMobile: true, hasTouch: true }, async (page) => {
      await written(page, 1);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }),
  );

  it("is not offered where the index has no words", () =>
    visit(browser, plain.url, {}, async ({ page }) => {
      await page.locator("#checks li").first().waitFor();
      expect(await page.getByRole("heading", { name: "Writing" }).count()).toBe(0);
    }));
});
