import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { inlinedWasm } from "../../scripts/bundle/inlined-wasm.ts";
import { LINE_LIMIT } from "../../scripts/bundle/line-limit.ts";
import { minified } from "../../scripts/bundle/minified.ts";
import { minifiedBefore } from "../../scripts/bundle/minified-before.ts";
import { makeFolder } from "../cli/files.ts";

const imported = (code: string) => import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);

test.each(["query", "exact", "scan", "batch"])("the kernels of %s are inlined byte for byte", async (name) => {
  const { outputFiles } = await build({
    stdin: { contents: `export { default } from "./build/${name}.wasm?bytes";`, resolveDir: "." },
    bundle: true,
    minify: true,
    charset: "utf8",
    format: "esm",
    write: false,
    plugins: [inlinedWasm],
  });
  const code = await minified(outputFiles[0]?.text ?? "");
  expect(Buffer.compare((await imported(code)).default, readFileSync(`build/${name}.wasm`))).toBe(0);
  const codes = Array.from(code.replaceAll("\n", ""), (character) => character.charCodeAt(0));
  expect(Math.min(...new Set(codes))).toBeGreaterThanOrEqual(32);
  expect(Math.max(...new Set(codes))).toBeLessThan(127); // so that the page's encoding does not matter
});

test("a bundle that is minified says the same, in short lines but for kernels", async () => {
  const code = `/* @ts-self-types="./index.d.ts" */
    class Box { value; static name = "Box"; #own; label = 1; constructor(value) { this.value = value; this.#own = 2; }
      get own() { return this.#own; } }
    const box = new Box("grün");
    export const facts = JSON.stringify([box, Box.name, box.own, "value" in box]);
    export const limits = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER];
    export const list = ${JSON.stringify(Array.from({ length: 100 }, (_, i) => `${i}`))}.map(Number);
    export const bytes = Uint8Array.from(${JSON.stringify(`${"k".repeat(2000)}\\"`)}, (c) => c.charCodeAt(0));`;
  const small = await minified(code);
  const [before, after] = [await imported(code), await imported(small)];
  expect(after.facts).toBe(before.facts);
  expect(after.limits).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER]);
  expect(after.list).toEqual(before.list);
  expect(Buffer.compare(after.bytes, before.bytes)).toBe(0);
  expect(small.startsWith('/* @ts-self-types="./index.d.ts" */')).toBe(true);
  // Terser ends a line behind the array in which it becomes too long.
  const long = small.split("\n").filter((line) => line.length > 2 * LINE_LIMIT);
  expect(long.map((line) => line.slice(0, 16))).toEqual(["Uint8Array.from("]);
});

test("a bundle is minified once, and again if its text or how it is minified changes, or what was kept is damaged", async () => {
  const folder = makeFolder();
  const made: string[] = [];
  const once = (text: string, isShaken = false): Promise<string> =>
    minifiedBefore(folder, "dist/a.js", [text, isShaken], async () => `${made.push(text)}: ${text}`);
  expect(await once("grün")).toBe("1: grün");
  expect(await once("grün")).toBe("1: grün");
  expect(await once("blau")).toBe("2: blau");
  expect(await once("blau", true)).toBe("3: blau");
  expect(await once("blau", true)).toBe("3: blau");
  writeFileSync(join(folder, "a.js"), "3: blau");
  expect(await once("blau", true)).toBe("4: blau");
  expect(readdirSync(folder)).toEqual(["a.js"]);
});
