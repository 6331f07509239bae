import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { hasChromium, launchChromium, sayWithoutChromium } from "./chromium.ts";
import { ANSWER, ownAnswer } from "./own-answer.ts";
import { serveFolder } from "./serve-folder.ts";

const installed = inject("installed");
const file = join(installed, "examples/next-word/next-word.midx");

sayWithoutChromium("pages with a Content-Security-Policy");

test.skipIf(!hasChromium)("pages compile kernels with 'wasm-unsafe-eval', and take a Worker's without it", async () => {
  const folder = mkdtempSync(join(installed, "policy-"));
  cpSync(join(installed, "node_modules/midx/dist"), join(folder, "midx"), { recursive: true });
  cpSync(file, join(folder, "index.midx"));
  writeFileSync(join(folder, "page.html"), '<!doctype html><script type="module" src="page.js"></script>');
  writeFileSync(
    join(folder, "compiling.js"),
    `const module = async (name) => WebAssembly.compileStreaming(fetch("midx/" + name + ".wasm"));
     const [query, exact, scan] = await Promise.all(["query", "exact", "scan"].map(module));
     postMessage({ query, exact, scan });`,
  );
  writeFileSync(
    join(folder, "page.js"),
    `import { load } from "./midx/index.js";${ANSWER}
     const given = () => new Promise((resolve, reject) => {
       const worker = new Worker("compiling.js", { type: "module" });
       worker.onmessage = ({ data }) => resolve(data);
       worker.onerror = (error) => reject(new Error(error.message));
     });
     const tried = async (options) => answer(load, await fetch("index.midx"), await options()).catch((error) => error.name);
     const report = { own: await tried(() => ({})), given: await tried(async () => ({ modules: await given() })) };
     document.body.append(Object.assign(document.createElement("pre"), { textContent: JSON.stringify(report) }));`,
  );
  const server = await serveFolder(folder);
  const browser = await launchChromium();
  const under = async (policy: string): Promise<unknown> => {
    const page = await browser.newPage();
    await page.route("**/page.html", async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), "content-security-policy": policy };
      await route.fulfill({ response, headers });
    });
    await page.goto(`${server.url}/page.html`);
    // No code of the test runs in the page, since the policy forbids that too.
    return JSON.parse((await page.locator("pre").textContent()) ?? "");
  };
  try {
    const answer = (await ownAnswer(installed, file)).trim();
    expect(await under("script-src 'self' 'wasm-unsafe-eval'")).toEqual({ own: answer, given: answer });
    expect(await under("script-src 'self'")).toEqual({ own: "CompileError", given: answer });
  } finally {
    await browser.close();
    await server.close();
  }
});
