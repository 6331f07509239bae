import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(root + path, "utf8");

const blocks = globSync("bench/**/*.ts", { cwd: root }).flatMap((path) =>
  Array.from(
    read(path).matchAll(/replaceBetween\(\s*"([^"]+)",\s*"([^"]+)"/g),
    ([, page = "", name = ""]) => [path, page, name] as const,
  ),
);

test("benchmarks write blocks of pages", () => expect(blocks.length).toBeGreaterThan(10));

test.each(blocks)("%s writes a block that %s has: %s", (_, page, name) => {
  const text = read(page);
  expect(text.split(`<!-- ${name} -->`)).toHaveLength(2);
  expect(text.split(`<!-- /${name} -->`)).toHaveLength(2);
});

/** What bench/draw.ts can't draw: these programs compute their tables, and keep no results. */
const COMPUTED = ["capacity", "part-capacity"];

test("npm run bench:draw draws every block of measurements", () => {
  const drawn = new Set(blocks.flatMap(([path, page, name]) => (path === "bench/draw.ts" ? [`${page} ${name}`] : [])));
  const others = blocks.filter(([, page, name]) => !drawn.has(`${page} ${name}`));
  expect(others.flatMap(([, , name]) => (COMPUTED.includes(name) ? [] : [name]))).toEqual([]);
});
