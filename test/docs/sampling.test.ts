import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { BatchResult } from "../../bench/batch/result.ts";
import { batchTable } from "../../bench/batch/table.ts";
import { BLOCK_TOP, QUERY_BLOCK } from "../../src/abi.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("docs/sampling.md says how many queries read rows together, and shows what was measured", () => {
  const page = read("docs/sampling.md");
  expect(page).toContain(`up to ${QUERY_BLOCK} queries read all rows together`);
  expect(page).toContain(`more than ${BLOCK_TOP} classes`);
  const result = JSON.parse(read("bench/results/batch.json")) as BatchResult;
  expect(page).toContain(`<!-- batch -->\n\n${batchTable(result)}\n\n<!-- /batch -->`);
});
