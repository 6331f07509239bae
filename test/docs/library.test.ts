import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { build } from "../../src/train/index.ts";
import { noise } from "../cli/noise.ts";
import { blocksOf } from "./pages.ts";

const folder = mkdtempSync(join(tmpdir(), "midx-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the program of docs/library.md runs, from its first block to its last", async () => {
  const words = join(folder, "words.midx");
  writeFileSync(words, await build({ data: noise(1000 * 8), shape: [1000, 8] }, { fineCodes: true }));
  const program = blocksOf("docs/library.md", "js").join("\n").replaceAll('"words.midx"', JSON.stringify(words));
  const results = "export { index, best, next, negatives, file };";
  writeFileSync(join(folder, "program.js"), `${program.replaceAll(/^console.*$/gm, "")}\n${results}`);
  const { index, best, next, negatives, file } = await import(join(folder, "program.js"));
  expect(best.ids.length).toBe(4);
  expect(next.ids.length).toBe(10);
  expect(next.standardError).toBeGreaterThanOrEqual(0);
  expect(negatives.logQ.length).toBe(50);
  expect(index.info.itemCount).toBe(1000);
  expect(file.byteLength).toBeGreaterThan(0);
});
