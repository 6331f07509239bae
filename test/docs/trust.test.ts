import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readResult } from "../../bench/results-file.ts";
import { type SampledQueriesResult, sampledQueriesTable } from "../../bench/sampled-queries-table.ts";

test("docs/trust.md shows what was measured with queries of an encoder", () => {
  const page = readFileSync(new URL("../../docs/trust.md", import.meta.url), "utf8");
  const table = sampledQueriesTable(readResult<SampledQueriesResult>("sampled-queries"));
  expect(page).toContain(`<!-- sampled-queries -->\n\n${table}\n\n<!-- /sampled-queries -->`);
});
