import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, inject, test } from "vitest";
import { onMachine, tool } from "./commands.ts";
import { execute } from "./execute.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const installed = inject("installed");
const project = join(installed, "commonjs");

beforeAll(() => {
  rmSync(project, { recursive: true, force: true });
  mkdirSync(join(project, "node_modules/@types"), { recursive: true });
  for (const name of ["@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name));
  }
  symlinkSync(join(installed, "node_modules/midx"), join(project, "node_modules/midx"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "commonjs", private: true }));
  for (const name of ["consumer.cts", "consumer.ts"]) {
    cpSync(join(root, "test/runtime/consumer.cts"), join(project, name));
  }
});

const STRICT = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2023", "--types", "node"];

test("CommonJS finds the types with module node16, where it cannot require ES modules", async () => {
  const options = [...STRICT, "--preserveSymlinks", "--skipLibCheck", "false", "--module", "node16"];
  expect(await execute(project, tool("tsc"), ...options, "consumer.cts")).toBe("");
});

test("TypeScript 5 finds the types of all entries with moduleResolution node10", async () => {
  // TypeScript 7 has no node10. This compiler is that of arethetypeswrong.
  const wrong = createRequire(join(root, "node_modules/@arethetypeswrong/core/package.json"));
  const compiler = join(dirname(wrong.resolve("typescript")), "tsc.js");
  const options = [...STRICT, "--preserveSymlinks", "--skipLibCheck", "--esModuleInterop", "--module", "commonjs"];
  const args = [compiler, ...options, "--moduleResolution", "node10", "consumer.ts"];
  expect(await execute(project, process.execPath, ...args)).toBe("");
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
