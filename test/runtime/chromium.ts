import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { serveFolder } from "./serve-folder.ts";

/** The Chromium of Debian, or the one that CHROMIUM_PATH names. */
const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

export const hasChromium = existsSync(executablePath);

/** Prints a line once for each file if Chromium is missing. */
export function sayWithoutChromium(what: string): void {
  if (!hasChromium) console.warn(`skipped, ${what}: no Chromium at ${executablePath} (apt-get install chromium)`);
}

/** For root, without network access of its own. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * After this many milliseconds a browser or page counts as hung: its work takes seconds, but minutes on a busy machine.
 */
export const PATIENCE = 600_000;

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath, args: ARGUMENTS, timeout: PATIENCE });

/**
 * Opens a page of this folder, served on this machine with these headers, while `use` runs. Rejects with errors of the
 * page.
 */
export async function withPage<T>(
  folder: string,
  path: string,
  use: (page: Page) => Promise<T>,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const server = await serveFolder(folder, headers);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    const failed = new Promise<never>((_, reject) => page.on("pageerror", reject));
    await page.goto(`${server.url}/${path}`);
    return await Promise.race([use(page), failed]);
  } finally {
    await browser.close();
    await server.close();
  }
}
