import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { DiversityResult } from "../../bench/diversity/result.ts";
import { diversityTable } from "../../bench/diversity/table.ts";
import { readPage } from "./pages.ts";

test("docs/recommend.md shows what was measured", () => {
  const file = new URL("../../bench/results/diversity.json", import.meta.url);
  const result = JSON.parse(readFileSync(file, "utf8")) as DiversityResult;
  expect(readPage("docs/recommend.md")).toContain(
    `<!-- diversity -->\n\n${diversityTable(result)}\n\n<!-- /diversity -->`,
  );
});
