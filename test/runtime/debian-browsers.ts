import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PATIENCE } from "./chromium.ts";
import { serveFolder } from "./serve-folder.ts";

/** A browser without a driver here: it opens one address, and its page sends a report to the server. */
export interface DebianBrowser {
  readonly name: string;
  /** The Debian packages that install it. */
  readonly packages: string;
  readonly isInstalled: boolean;
  /** The command that opens an address. `home` is an empty folder for its profile. */
  readonly command: (url: string, home: string) => readonly [string, ...string[]];
  /** Additions to the environment of the command. */
  readonly env?: Readonly<Record<string, string>>;
}

const FIREFOX_PATH = process.env.FIREFOX_PATH ?? "/usr/bin/firefox-esr";
const MINI_BROWSER_PATH =
  process.env.MINI_BROWSER_PATH ?? globSync("/usr/lib/*/webkit2gtk-4.1/MiniBrowser").at(0) ?? "MiniBrowser";
const XVFB_PATH = "/usr/bin/xvfb-run";

export const DEBIAN_BROWSERS: readonly DebianBrowser[] = [
  {
    name: "Firefox",
    packages: "firefox-esr",
    isInstalled: existsSync(FIREFOX_PATH),
    command: (url, home) => [FIREFOX_PATH, "--headless", "--no-remote", "--profile", home, url],
  },
  {
    name: "WebKit, the engine of Safari",
    packages: "libwebkit2gtk-4.1-0 xvfb xauth",
    isInstalled: existsSync(MINI_BROWSER_PATH) && existsSync(XVFB_PATH),
    command: (url) => [XVFB_PATH, "-a", MINI_BROWSER_PATH, "--private", url],
    env: { JSC_useSharedArrayBuffer: "1" }, // which Safari has without it
  },
];

/** Prints a line once for each file and each browser that is missing. */
export function sayWithoutDebianBrowsers(what: string): void {
  for (const { name, packages, isInstalled } of DEBIAN_BROWSERS) {
    if (!isInstalled) console.warn(`skipped, ${what} in ${name}: not installed (apt-get install ${packages})`);
  }
}

type Outcome<T> = { readonly report: T } | { readonly error: string };

/**
 * Opens a page of this folder in a browser, served on this machine with these headers, and returns the report that it leaves in
 * globalThis.report. The folder has reporting.html. Rejects with errors of the page.
 */
export async function reportOfPage<T>(
  { name, command, env }: DebianBrowser,
  folder: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), "midx-browser-"));
  const { promise: posted, resolve } = Promise.withResolvers<string>();
  const server = await serveFolder(folder, headers, resolve);
  const [program, ...argv] = command(`${server.url}/reporting.html#${path}`, home);
  // In a process group of its own, which ends with the browser: xvfb-run has a server of its own, and browsers have helpers.
  const browser = spawn(program, argv, {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, ...env, HOME: home, TMPDIR: home },
  });
  try {
    const outcome = JSON.parse(await Promise.race([posted, endOf(browser, name)])) as Outcome<T>;
    if ("error" in outcome) throw new Error(`${path} in ${name}: ${outcome.error}`);
    return outcome.report;
  } finally {
    await stop(browser);
    await server.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Rejects when a browser ends before its page has reported, or hangs. */
async function endOf(browser: ChildProcess, name: string): Promise<never> {
  const [code] = await once(browser, "exit", { signal: AbortSignal.timeout(PATIENCE) });
  throw new Error(`${name} ended with ${code} before its page sent a report`);
}

/** Ends a browser and its helpers. */
async function stop(browser: ChildProcess): Promise<void> {
  if (browser.exitCode !== null || browser.signalCode !== null || browser.pid === undefined) return;
  const ended = once(browser, "exit");
  process.kill(-browser.pid, "SIGTERM");
  await ended;
}
