import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type FineCodesResult, fineCodesTable } from "../../bench/fine-codes/table.ts";
import { readResult } from "../../bench/results-file.ts";
import { type SampledQueriesResult, sampledQueriesTable } from "../../bench/sampled-queries/table.ts";

const TABLES = {
  "sampled-queries": () => sampledQueriesTable(readResult<SampledQueriesResult>("sampled-queries")),
  "fine-codes": () => fineCodesTable(readResult<FineCodesResult>("fine-codes")),
};

test.each(Object.entries(TABLES))("docs/trust.md shows what was measured: %s", (name, draw) => {
  const page = readFileSync(new URL("../../docs/trust.md", import.meta.url), "utf8");
  expect(page).toContain(`<!-- ${name} -->\n\n${draw()}\n\n<!-- /${name} -->`);
});
