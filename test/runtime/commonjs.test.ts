import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { onMachine, tool } from "./commands.ts";
import { commonjsProject, STRICT } from "./commonjs-project.ts";
import { execute } from "./execute.ts";

const project = commonjsProject(inject("installed"), "commonjs");

test("CommonJS finds the types with module node16, where it cannot require ES modules", async () => {
  const options = [...STRICT, "--preserveSymlinks", "--skipLibCheck", "false", "--module", "node16"];
  expect(await execute(project, tool("tsc"), ...options, "consumer.cts")).toBe("");
});

const IMPORTS = `
  (async () => {
    const { load, FormatError } = await import("midx");
    const { build } = await import("midx/train");
    const { createClient } = await import("midx/client");
    const { readChanges } = await import("midx/changes");
    const file = await build({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] });
    const isFormatError = (error) => error instanceof FormatError;
    const damaged = [
      await load(new Uint8Array(99)).catch(isFormatError),
      await build({ data: Float32Array.of(1, 2), shape: [1, 2] }, { warmFrom: new Uint8Array(99) }).catch(isFormatError),
      await Promise.resolve(new Uint8Array(99)).then(readChanges).catch(isFormatError),
    ].join();
    console.log((await load(file)).topK(Float32Array.of(1, 0), 1).ids[0], damaged, typeof createClient);
  })();`;

test("CommonJS runs the package by import(), on this Node and on the machine's", async () => {
  writeFileSync(join(project, "imports.cjs"), IMPORTS);
  for (const node of [process.execPath, onMachine("node")]) {
    if (node) expect(await execute(project, node, "imports.cjs")).toBe("1 true,true,true function\n");
  }
});

test("CommonJS runs the package by require, where Node can require ES modules", async () => {
  writeFileSync(join(project, "requires.cjs"), IMPORTS.replace(/await import\(/g, "require("));
  expect(await execute(project, process.execPath, "requires.cjs")).toBe("1 true,true,true function\n");
});
