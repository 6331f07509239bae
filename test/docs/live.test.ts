import { expect, test } from "vitest";
import type { LiveResult } from "../../bench/live/result.ts";
import { liveTable } from "../../bench/live/table.ts";
import { type TailCosts, tailsTable } from "../../bench/live/tails-table.ts";
import { readResult } from "../../bench/results-file.ts";
import { readPage } from "./pages.ts";

test("docs/live.md shows what was measured", () => {
  const page = readPage("docs/live.md");
  expect(page).toContain(`<!-- live -->\n\n${liveTable(readResult<LiveResult>("live"))}\n\n<!-- /live -->`);
  const tails = readResult<TailCosts>("log-tails");
  expect(page).toContain(`<!-- log-tails -->\n\n${tailsTable(tails)}\n\n<!-- /log-tails -->`);
  expect(Math.max(...tails.costs.map(({ cpuMicros }) => cpuMicros)), "less than half a millisecond").toBeLessThan(500);
});
