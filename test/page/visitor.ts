import type { Browser, BrowserContextOptions, Page, Route } from "playwright-core";
import { expect } from "vitest";
import { PATIENCE } from "../runtime/chromium.ts";

/** A page that was opened, with its messages and requests. */
export interface Visit {
  readonly page: Page;
  /** The messages of its console, and uncaught errors. */
  readonly messages: string[];
  /** The URLs of its requests. */
  readonly requests: string[];
}

export interface Visitor extends BrowserContextOptions {
  /** Answers in place of the server. */
  readonly answer?: { readonly path: string; readonly with: (route: Route) => Promise<void> };
}

type Body = Readonly<Record<string, unknown>>;

/** Answers a path as the server does, but with another body. */
export const changing = (path: string, change: (body: Body) => Body): Required<Visitor>["answer"] => ({
  path,
  async with(route) {
    const response = await route.fetch();
    await route.fulfill({ response, json: change(await response.json()) });
  },
});

/** Opens the page for as long as `use` takes. */
export async function visit<T>(
  browser: Browser,
  url: string,
  visitor: Visitor,
  use: (visit: Visit) => Promise<T>,
): Promise<T> {
  const opened = await openPage(browser, url, visitor);
  try {
    return await use(opened);
  } finally {
    await opened.page.context().close();
  }
}

/** Opens the page, and expects it to be quiet when it has been used. */
export const visitQuietly = (
  browser: Browser,
  url: string,
  visitor: Visitor,
  use: (visit: Visit) => Promise<void>,
): Promise<void> =>
  visit(browser, url, visitor, async (visited) => {
    await use(visited);
    expectQuiet(visited, url);
  });

/** Expects what must hold after any action on the page: no messages, and requests to its own server alone. */
export function expectQuiet({ messages, requests }: Visit, url: string): void {
  expect(messages).toEqual([]);
  expect(requests.length).toBeGreaterThan(5);
  for (const request of requests) expect(new URL(request).origin).toBe(url);
}

/** Opens the page in a new context, which the caller closes. */
export async function openPage(browser: Browser, url: string, { answer, ...options }: Visitor): Promise<Visit> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const [messages, requests]: [string[], string[]] = [[], []];
  page.on("console", (message) => messages.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  if (answer) await page.route(`**${answer.path}`, answer.with);
  await page.goto(url);
  return { page, messages, requests };
}

/** Waits for the first answer. Times are measured and runs made after it. */
export const answered = (page: Page): Promise<void> => page.locator("#checks li").first().waitFor();

/** Waits for the answer to the last query with its times, and for the runs behind the mean errors. */
export async function settled(page: Page): Promise<void> {
  await page.locator('#top[aria-busy="false"]').waitFor();
  await page.getByText("the mean of 16 runs").waitFor();
}

/** The shares that the histograms show, by column of the hidden table and by bar. */
export async function shownShares(page: Page): Promise<Record<string, { labels: string[]; shares: number[] }>> {
  return page.locator("#shares").evaluate((table: HTMLTableElement) => {
    const headings = [...table.querySelectorAll("thead th")].slice(1).map(({ textContent }) => textContent ?? "");
    const rows = [...table.querySelectorAll("tbody tr")];
    const labels = rows.map((row) => row.querySelector("th")?.textContent ?? "");
    const columns = headings.map((heading, column) => {
      const shares = rows.map((row) => Number(row.querySelectorAll("data")[column]?.value));
      return [heading, { labels, shares }] as const;
    });
    return Object.fromEntries(columns);
  });
}
