import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { hasChromium, launchChromium, sayWithoutChromium } from "./chromium.ts";
import { execute } from "./execute.ts";
import { serveFolder } from "./serve-folder.ts";

const installed = inject("installed");
const manifest = JSON.parse(readFileSync(join(installed, "node_modules/midx/package.json"), "utf8"));
const file = join(installed, "examples/next-word/next-word.midx");

/** Prints the ids and bits of an answer of the index, with given modules or without. */
const ANSWER = `
  const answer = async (load, file, options) => {
    const { ids, probabilities } = (await load(file, options)).predict(new Float32Array(100).fill(0.1), 5, { seed: 1 });
    return JSON.stringify([Array.from(ids), Array.from(probabilities)]);
  };`;

/** The answer of the library with its own modules. */
const own = (): Promise<string> => {
  const program = join(installed, "own-modules.js");
  writeFileSync(
    program,
    `import { readFileSync } from "node:fs"; import { load } from "midx";${ANSWER}
     console.log(await answer(load, readFileSync(${JSON.stringify(file)}), {}));`,
  );
  return execute(installed, process.execPath, program);
};

test("the version that kernels carry is that of the package", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(manifest.version).toBe(version);
  for (const kernel of ["query", "exact", "scan", "scan-relaxed", "batch"]) {
    const path = join(installed, "node_modules/midx", manifest.exports[`./wasm/${kernel}.wasm`]);
    const [identity = new ArrayBuffer()] = WebAssembly.Module.customSections(
      new WebAssembly.Module(readFileSync(path)),
      "midx",
    );
    expect(new TextDecoder().decode(identity)).toBe(`${kernel} ${version}`);
  }
});

test("Node loads with modules compiled from the exported files, to the same bits", async () => {
  const program = join(installed, "precompiled-modules.js");
  writeFileSync(
    program,
    `import { readFileSync } from "node:fs"; import { load } from "midx";${ANSWER}
     const module = (name) => new WebAssembly.Module(readFileSync(new URL(import.meta.resolve("midx/wasm/" + name + ".wasm"))));
     const [query, exact] = [module("query"), module("exact")];
     const bytes = readFileSync(${JSON.stringify(file)});
     WebAssembly.compile = () => Promise.reject(new Error("no bytes are compiled"));
     for (const scan of ["scan", "scan-relaxed"])
       console.log(await answer(load, bytes, { modules: { query, exact, scan: module(scan) } }));`,
  );
  const expected = await own();
  expect(await execute(installed, process.execPath, program)).toBe(expected + expected);
});

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
    const answer = (await own()).trim();
    expect(await under("script-src 'self' 'wasm-unsafe-eval'")).toEqual({ own: answer, given: answer });
    expect(await under("script-src 'self'")).toEqual({ own: "CompileError", given: answer });
  } finally {
    await browser.close();
    await server.close();
  }
});
