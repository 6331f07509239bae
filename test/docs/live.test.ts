import { expect, test } from "vitest";
import type { LiveResult } from "../../bench/live/result.ts";
import { liveTable } from "../../bench/live/table.ts";
import { readResult } from "../../bench/results-file.ts";
import { readPage } from "./pages.ts";

test("docs/live.md shows what was measured", () => {
  expect(readPage("docs/live.md")).toContain(
    `<!-- live -->\n\n${liveTable(readResult<LiveResult>("live"))}\n\n<!-- /live -->`,
  );
});
