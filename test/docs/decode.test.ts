import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { DecodeResult } from "../../bench/decode/result.ts";
import { decodeLaws, decodeTimes } from "../../bench/decode/table.ts";
import { DEFAULT_ORDER } from "../../src/decode/decode-options.ts";
import { build } from "../../src/train/index.ts";
import { noise } from "../cli/noise.ts";
import { blocksOf, readPage } from "./pages.ts";

const folder = mkdtempSync(join(tmpdir(), "midx-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the program of docs/decode.md runs", async () => {
  const words = join(folder, "words.midx");
  writeFileSync(words, await build({ data: noise(1000 * 8), shape: [1000, 8] }));
  const program = blocksOf("docs/decode.md", "js").join("\n").replaceAll('"words.midx"', JSON.stringify(words));
  writeFileSync(
    join(folder, "program.js"),
    `${program.replaceAll(/^console.*$/gm, "")}\nexport { next, best, nucleus };`,
  );
  const { next, best, nucleus } = await import(join(folder, "program.js"));
  expect(next).toMatchObject({ certain: true, decided: "bounds" });
  expect(best).toMatchObject({ kept: 1, logProbability: 0 });
  expect(nucleus.top.ids).toHaveLength(5);
});

test("docs/decode.md names the default order, and shows what was measured", () => {
  const page = readPage("docs/decode.md");
  expect(page).toContain(`\`[${DEFAULT_ORDER.map((step) => JSON.stringify(step)).join(", ")}]\``);
  const file = new URL("../../bench/results/decode.json", import.meta.url);
  const result = JSON.parse(readFileSync(file, "utf8")) as DecodeResult;
  expect(page).toContain(`<!-- times -->\n\n${decodeTimes(result)}\n\n<!-- /times -->`);
  expect(page).toContain(`<!-- laws -->\n\n${decodeLaws(result)}\n\n<!-- /laws -->`);
});
