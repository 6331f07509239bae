import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";
import { commonjsProject, STRICT } from "./commonjs-project.ts";
import { execute } from "./execute.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const project = commonjsProject(inject("installed"), "node10");

test("TypeScript 5 finds the types of all entries with moduleResolution node10", async () => {
  // TypeScript 7 has no node10. This compiler is that of arethetypeswrong.
  const wrong = createRequire(join(root, "node_modules/@arethetypeswrong/core/package.json"));
  const compiler = join(dirname(wrong.resolve("typescript")), "tsc.js");
  const options = [...STRICT, "--preserveSymlinks", "--skipLibCheck", "--esModuleInterop", "--module", "commonjs"];
  const args = [compiler, ...options, "--moduleResolution", "node10", "consumer.ts"];
  expect(await execute(project, process.execPath, ...args)).toBe("");
});
