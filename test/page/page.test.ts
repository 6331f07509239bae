import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { multiIndexProposal, type ScoredDraws, uniformProposal, unigramProposal } from "../../page/draws/proposals.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { INDEX_LIMITS } from "../../worker/contract/limits.ts";
import { hasChromium, launchChromium, sayWithoutChromium } from "../runtime/chromium.ts";
import { installPage, type ServedPage, serve } from "./served-page.ts";
import { contexts, DIM, labelledIndex, queryOf } from "./small-example.ts";
import {
  answered,
  changing,
  expectQuiet,
  openPage,
  settled,
  shownShares,
  type Visit,
  type Visitor,
  visit,
  visitQuietly,
} from "./visitor.ts";

sayWithoutChromium("the page in Chromium");

const MOST_DRAWS = 10_000;
const BAR_COUNT = 21;

describe.skipIf(!hasChromium)("the page", () => {
  let index: MultiIndex;
  let served: ServedPage;
  let browser: Browser;
  let remove: () => void;

  beforeAll(async () => {
    const file = await labelledIndex();
    index = await load(file, INDEX_LIMITS);
    const { cli, addExamples, remove: removePage } = await installPage();
    remove = removePage;
    addExamples({ words: Array.from({ length: 3000 }, (_, id) => `word ${id}`) });
    served = await serve(cli, file); // whose labels go before the examples' words
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await served?.close();
    remove?.();
  });

  /** The self-normalised estimate of each bar from `count` draws, computed with the library of this process. */
  function estimate(draws: ScoredDraws, ids: readonly number[], count = MOST_DRAWS): number[] {
    const sums = new Array<number>(BAR_COUNT).fill(0);
    for (let i = 0; i < count; i++) {
      const bar = ids.indexOf(draws.ids[i] as number);
      const weight = Math.exp((draws.scores[i] as number) - (draws.logQ[i] as number));
      sums[bar < 0 ? BAR_COUNT - 1 : bar] = (sums[bar < 0 ? BAR_COUNT - 1 : bar] as number) + weight;
    }
    const total = sums.reduce((a, b) => a + b);
    return sums.map((sum) => sum / total);
  }

  async function expectShares(page: Page, row: number, scan: number, seed: number): Promise<void> {
    const query = queryOf(row);
    const exact = index.predict(query, BAR_COUNT - 1, { exact: true });
    const ids = Array.from(exact.ids);
    const shown = await shownShares(page);
    expect(Object.keys(shown)).toEqual(["exact", "MIDX", "unigram", "uniform"]);
    expect(shown.exact?.labels).toEqual([...index.labels(ids), "rest"]);
    expectClose(shown.exact?.shares.slice(0, -1), Array.from(exact.probabilities));
    for (const [name, proposal] of [
      ["MIDX", multiIndexProposal(index, scan)] as const,
      ["unigram", unigramProposal(index)] as const,
      ["uniform", uniformProposal(index)] as const,
    ]) {
      const draws = proposal(query, MOST_DRAWS, seed);
      expectClose(shown[name]?.shares, estimate(draws, ids));
    }
  }

  describe("opened once", () => {
    let visited: Visit;
    let page: Page;

    beforeAll(async () => {
      visited = await openPage(browser, served.url, {});
      page = visited.page;
      await settled(page);
    });

    afterAll(() => page?.context().close());

    it("shows the served answer to the first example, which is bit for bit the browser's, beside the exact one", async () => {
      const answer = index.predict(queryOf(0), 10, { seed: 1 });
      expect(await page.locator("#top-rows th").allTextContents()).toEqual(index.labels(answer.ids));
      const served = (await page.locator("#top-rows td:nth-child(3)").allTextContents()).map(Number.parseFloat);
      const exact = (await page.locator("#top-rows td:nth-child(4)").allTextContents()).map(Number.parseFloat);
      const { logProbabilities } = index.logProbability(queryOf(0), answer.ids, { exact: true });
      for (let i = 0; i < 10; i++) {
        expect(served[i]).toBeCloseTo(100 * (answer.probabilities[i] as number), 1);
        expect(exact[i]).toBeCloseTo(100 * Math.exp(logProbabilities[i] as number), 1);
      }
      expect(await page.locator("#checks li").first().textContent()).toContain("Same bits");
      expect(await page.locator("#checks li").first().getAttribute("data-holds")).toBe("true");
      expect(await page.locator("#top-summary").textContent()).toMatch(
        /scored all 3,000 classes.* (µs|ms),.* (µs|ms).*An estimate would hardly take less time, so the call read all classes\.$/,
      );
      expect(await page.locator("#facts").textContent()).toContain(index.info.contentId.slice(0, 12));
      expect(await page.locator("#provenance").textContent()).toMatch(/request [0-9a-f-]{36} · seed 1/);
    });

    it("is light or dark as it is preferred, with a contrast of 4.5 and more", async () => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const { colours, background } = await page.evaluate(() => {
          const style = getComputedStyle(document.documentElement);
          const names = ["ground", "raised", "ink", "quiet", "good", "bad", "midx", "unigram", "uniform", "on-primary"];
          const colours = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`)]));
          return { colours, background: style.backgroundColor };
        });
        const [red] = background.match(/\d+/g) ?? [];
        if (colorScheme === "dark") expect(Number(red)).toBeLessThan(40);
        else expect(Number(red)).toBeGreaterThan(240);
        const ratio = (a: string, b: string): number => contrast(colours[a] as string, colours[b] as string);
        for (const text of ["ink", "quiet", "good", "bad", "midx", "unigram", "uniform"]) {
          expect(ratio(text, "ground"), `${colorScheme}, ${text}`).toBeGreaterThanOrEqual(4.5);
        }
        expect(ratio("ink", "raised")).toBeGreaterThanOrEqual(4.5);
        expect(ratio("on-primary", "midx")).toBeGreaterThanOrEqual(4.5);
      }
    });

    it("has a language, one main heading, and a name for every control", async () => {
      expect(await page.locator("html").getAttribute("lang")).toBe("en");
      expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
      const nameless = await page
        .locator("button, input, textarea")
        .evaluateAll((all) =>
          all
            .filter((control) => !(control as HTMLInputElement).labels?.length && control.textContent === "")
            .map((e) => e.id),
        );
      expect(nameless).toEqual([]);
    });

    it("moves in its list by arrows, and Escape leaves the example as it was", async () => {
      const field = page.getByRole("combobox");
      await field.focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      const active = await field.getAttribute("aria-activedescendant");
      expect(await page.locator(`#${active}`).textContent()).toBe(contexts[1]);
      await page.keyboard.press("Escape");
      expect(await field.getAttribute("aria-expanded")).toBe("false");
      expect(await field.inputValue()).toBe(contexts[0]);
      await page.keyboard.type("nothing like this");
      expect(await page.getByRole("listbox").textContent()).toBe("No context has these words.");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      expect(await field.inputValue()).toBe(contexts[0]);
    });

    it("plays to 10,000 draws, and its histograms are what the library gives for the same seed", async () => {
      await page.emulateMedia({ reducedMotion: "no-preference" });
      await page.getByRole("button", { name: "Play" }).click();
      const seen: number[] = [];
      while (seen.at(-1) !== MOST_DRAWS) {
        await page.waitForTimeout(100);
        seen.push(Number((await page.locator("#draws-shown").textContent())?.replace(",", "")));
      }
      expect(seen[0]).toBeLessThan(100);
      expect(new Set(seen).size).toBeGreaterThan(10);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      await page.getByRole("button", { name: "Play" }).waitFor();
      expect(await page.locator("#shares caption").textContent()).toContain("10,000 draws with seed 1");
      await expectShares(page, 0, 0, 1);
    });

    it("takes another example by its words, another proposal and another seed, with the keyboard alone", async () => {
      const field = page.getByRole("combobox");
      await field.focus();
      await page.keyboard.type("sea sec");
      expect(await page.getByRole("option").allTextContents()).toEqual([contexts[1]]);
      await page.keyboard.press("Enter");
      expect(await field.inputValue()).toBe(contexts[1]);
      await page.getByRole("checkbox", { name: "head of 1,024" }).focus();
      await page.keyboard.press("Space");
      await page.getByRole("button", { name: "New seed" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("slider").focus();
      await page.keyboard.press("Home");
      expect(await page.locator("#draws-shown").textContent()).toBe("1");
      await page.keyboard.press("End");
      await settled(page);
      const seed = Number(await page.locator("#seed").textContent());
      expect(seed).not.toBe(1);
      await expectShares(page, 1, 1024, seed);
      const top = index.predict(queryOf(1), 10, { seed });
      expect(await page.locator("#top-rows th").allTextContents()).toEqual(index.labels(top.ids));
      expect(await page.locator("#checks li").first().getAttribute("data-holds")).toBe("true");
    });

    it("answers a random vector", async () => {
      const before = await page.locator("#top-rows").textContent();
      await page.getByRole("button", { name: "Random vector" }).click();
      await page.getByText("a random vector").waitFor();
      await settled(page);
      expect(await page.locator("#top-rows").textContent()).not.toBe(before);
      expect(await page.getByRole("combobox").inputValue()).toBe("");
      expect(await page.locator("#checks li").first().getAttribute("data-holds")).toBe("true");
    });

    it("refuses a bad vector by its position, and takes a good one", async () => {
      const good = Array.from(queryOf(2));
      await page.getByRole("button", { name: "Paste a vector" }).click();
      const field = page.getByLabel(`A JSON array of ${DIM} numbers`);
      await field.fill(JSON.stringify(good.with(3, Number.NaN)));
      await page.getByRole("button", { name: "Use this vector" }).click();
      expect(await page.locator("#vector-error").textContent()).toBe(
        '"vector[3]" expected a number that f32 can hold, got null',
      );
      expect(await field.getAttribute("aria-invalid")).toBe("true");
      await field.fill(JSON.stringify(good));
      await page.getByRole("button", { name: "Use this vector" }).click();
      await page.getByText("the pasted vector").waitFor();
      await settled(page);
      expect(await page.locator("#vector-error").textContent()).toBe("");
      const seed = Number(await page.locator("#seed").textContent());
      const { ids } = index.predict(queryOf(2), 10, { seed });
      expect(await page.locator("#top-rows th").allTextContents()).toEqual(index.labels(ids));
    });

    it("has been quiet through all of that, and used its own server alone", () => expectQuiet(visited, served.url));
  });

  it("says so when a bit of the served answer is another", () =>
    visitQuietly(
      browser,
      served.url,
      {
        answer: changing("/v1/predict", (body) => {
          const probabilities = (body.probabilities as number[]).map((p, i) =>
            i === 9 ? p * (1 + Number.EPSILON) : p,
          );
          return { ...body, probabilities };
        }),
      },
      async ({ page }) => {
        await answered(page);
        expect(await page.locator("#checks li").first().getAttribute("data-holds")).toBe("false");
        expect(await page.locator("#checks").textContent()).toContain("differs from the server's");
      },
    ));

  it("asks for a token where the server wants one, sends it from then on, and keeps it nowhere", () =>
    visit(browser, served.url, { answer: { path: "/v1/**", with: withToken } }, async ({ page, messages }) => {
      const use = async (token: string): Promise<void> => {
        await page.getByLabel("The server requires a token").fill(token);
        await page.getByRole("button", { name: "Use token" }).click();
      };
      await page.getByLabel("The server requires a token").waitFor();
      expect(await page.locator("#token-error").textContent()).toBe("");
      await use("secret\u2013");
      await page.getByText("The token has characters that a browser cannot send.").waitFor();
      await use("another");
      await page.getByText("The server does not know this token.").waitFor();
      await use("secret");
      await answered(page);
      expect(await page.locator("#checks li").first().getAttribute("data-holds")).toBe("true");
      expect(await page.getByLabel("The server requires a token").isVisible()).toBe(false);
      expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([
        0,
        0,
        "",
      ]);
      expect(messages.every((message) => message.includes("401"))).toBe(true);
    }));

  it("shows an error of the server with its code and request id, and tries again when asked to", async () => {
    let fails = true;
    const failing: Visitor["answer"] = {
      path: "/v1/predict",
      with: async (route) => {
        if (!fails) return route.fallback();
        const problem = { code: "index_missing", detail: "there is none", requestId: "request-7" };
        await route.fulfill({ status: 503, contentType: "application/problem+json", json: problem });
      },
    };
    await visit(browser, served.url, { answer: failing }, async ({ page }) => {
      await page.getByRole("button", { name: "Try again" }).waitFor();
      expect(await page.locator("#top").isVisible()).toBe(false);
      expect(await page.getByRole("alert").allTextContents()).toContainEqual(
        expect.stringContaining("The server answered 503 index_missing: there is none (request request-7)"),
      );
      fails = false;
      await page.getByRole("button", { name: "Try again" }).click();
      await page.locator("#checks li").first().waitFor();
      expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(0);
    });
  });
});

const expectClose = (shown: readonly number[] | undefined, expected: readonly number[]): void => {
  expect(shown).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(shown?.[i]).toBeCloseTo(value, 12);
};

async function withToken(route: Parameters<NonNullable<Visitor["answer"]>["with"]>[0]): Promise<void> {
  if (route.request().headers().authorization === "Bearer secret") return route.fallback();
  const problem = { code: "unauthorized", detail: "a token is needed", requestId: "request-8" };
  await route.fulfill({ status: 401, contentType: "application/problem+json", json: problem });
}

/** The contrast of two colours as WCAG defines it. */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.trim().slice(at, at + 2), 16) / 255);
  const [red, green, blue] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (red as number) + 0.7152 * (green as number) + 0.0722 * (blue as number);
}
