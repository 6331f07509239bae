import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { execute } from "./execute.ts";
import { ANSWER, ownAnswer } from "./own-answer.ts";

const installed = inject("installed");
const manifest = JSON.parse(readFileSync(join(installed, "node_modules/midx/package.json"), "utf8"));
const file = join(installed, "examples/next-word/next-word.midx");

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
  const expected = await ownAnswer(installed, file);
  expect(await execute(installed, process.execPath, program)).toBe(expected + expected);
});
