import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { CompactionResult } from "../../bench/compaction/result.ts";
import { compactionTable } from "../../bench/compaction/table.ts";
import { readResult } from "../../bench/results-file.ts";
import { readChanges } from "../../src/changes/index.ts";
import { build } from "../../src/train/index.ts";
import { noise } from "../cli/noise.ts";
import { blocksOf, readPage } from "./pages.ts";

const folder = mkdtempSync(join(tmpdir(), "midx-changes-page-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the program of docs/changes.md runs", async () => {
  const labels = Array.from({ length: 500 }, (_, id) => (id === 3 ? "sold out" : `item ${id}`));
  const columns = { price: { type: "number", values: labels.map((_, id) => id) } } as const;
  const file = await build({ data: noise(500 * 8), shape: [500, 8] }, { labels, columns, calibrate: "off" });
  writeFileSync(join(folder, "items.midx"), file);
  const [program, splitting] = blocksOf("docs/changes.md", "js") as [string, string];
  writeFileSync(
    join(folder, "program.js"),
    `import { readFileSync } from "node:fs";
    const file = readFileSync(${JSON.stringify(join(folder, "items.midx"))});
    const row = Float32Array.from({ length: 8 }, (_, i) => 2 * Math.sin(i * i));
    const query = row.map((value) => 3 * value);
    ${program}
    export { ids, index, names, saved };
    ${splitting.replace("applyChanges, ", "")}
    export { beside };`,
  );
  const { beside, index, names, saved } = await import(join(folder, "program.js"));
  expect(names[0]).toBe("new shoe");
  expect(index.info.changes).toMatchObject({ classCount: 500, rowCount: 1, removedCount: 1 });
  expect(beside).toEqual(['{"page":"Shoes for all"}']);
  expect(index.metadata(index.idsOf(["new shoe"]))).toEqual([{ price: 12 }]);
  expect(readChanges(saved)).toMatchObject({ upserts: ["new shoe"], removals: ["sold out"] });
});

test("docs/changes.md shows what compactions were measured to cost", () => {
  const table = compactionTable(readResult<CompactionResult>("compaction"));
  expect(readPage("docs/changes.md")).toContain(`<!-- compaction -->\n\n${table}\n\n<!-- /compaction -->`);
});
