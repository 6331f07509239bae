import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type PartBarsResult, partBarsTable } from "../../bench/part-bars/table.ts";
import { type PartTriesResult, partTriesTable } from "../../bench/part-tries/table.ts";
import { readResult } from "../../bench/results-file.ts";
import { PartedIndex, partOf } from "../../src/parts/index.ts";
import { build } from "../../src/train/index.ts";
import { noise } from "../cli/noise.ts";
import { blocksOf, readPage } from "./pages.ts";

const folder = mkdtempSync(join(tmpdir(), "midx-parts-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the programs of docs/parts.md run", async () => {
  const paths: string[] = [];
  for (const seed of [0, 1]) {
    const data = noise(2000 * 64).slice(seed * 1000 * 64, (seed + 1) * 1000 * 64);
    const labels = Array.from({ length: 1000 }, (_, i) => (seed === 1 && i === 7 ? "sold out" : `${seed}-${i}`));
    paths.push(join(folder, `${seed}.midx`));
    writeFileSync(paths[seed] as string, await build({ data, shape: [1000, 64] }, { calibrate: "off", labels }));
  }
  const [near, changing, far] = blocksOf("docs/parts.md", "js") as [string, string, string];
  const program = `
    import { decodeAnswer, decodeQuestion, encodeAnswer, encodeQuestion } from "midx/parts";
    import { applyChanges } from "midx/changes";
    import { readFileSync } from "node:fs";
    const files = ${JSON.stringify(paths)}.map((path) => readFileSync(path));
    const query = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * i));
    ${near}
    const row = query.map((value) => 0.1 * value);
    export async function changed() { ${changing} return parted; }
    export function distant(index) { const send = (bytes) => respond(bytes); ${far} return far; }
    export { ids, indexes, parted, probabilities, query, standardError };`;
  writeFileSync(join(folder, "program.js"), program);
  const { changed, distant, ids, indexes, parted, probabilities, query, standardError } = await import(
    join(folder, "program.js")
  );
  expect(ids).toHaveLength(10);
  expect(probabilities[0]).toBeGreaterThan(probabilities[9]);
  expect(standardError).toBe(0); // rows without structure are flagged, and then all of them are read
  const router = new PartedIndex([partOf(indexes[0]), distant(indexes[1])]);
  expect(await router.predict(query, 10, { seed: 1 })).toEqual(await parted.predict(query, 10, { seed: 1 }));
  expect((await changed()).info.changes).toMatchObject({ classCount: 2000, addedCount: 1, removedCount: 1 });
});

test("docs/parts.md shows how often the error bars of parts held, and how many answers are flagged", () => {
  const page = readPage("docs/parts.md");
  for (const [name, table] of [
    ["part-bars", partBarsTable(readResult<PartBarsResult>("part-bars"))],
    ["part-tries", partTriesTable(readResult<PartTriesResult>("part-tries"))],
  ]) {
    expect(page).toContain(`<!-- ${name} -->\n\n${table}\n\n<!-- /${name} -->`);
  }
});
