import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { ExactResult } from "../bench/exact-result.ts";
import { exactTable, sampledTable } from "../bench/exact-table.ts";
import type { SamplingResult } from "../bench/sampling-result.ts";
import { samplingTables } from "../bench/sampling-table.ts";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

it("opens with the two commands that everything starts from", () => {
  expect(read("README.md")).toMatch(/^# midx\n\n```\nnpm ci && npm run demo\nnpm ci && npm test\n```\n/);
});

it("shows the sampling tables that the committed measurements give", () => {
  const result = JSON.parse(read("bench/results/sampling.json")) as SamplingResult;
  expect(read("README.md")).toContain(`<!-- sampling -->\n\n${samplingTables(result)}\n\n<!-- /sampling -->`);
});

it("leads to a page that shows the exact bench's measurements", () => {
  const result = JSON.parse(read("bench/results/exact.json")) as ExactResult;
  const page = read("docs/choosing.md");
  expect(page).toContain(`<!-- exact -->\n\n${exactTable(result)}\n\n<!-- /exact -->`);
  expect(page).toContain(`<!-- sampled -->\n\n${sampledTable(result)}\n\n<!-- /sampled -->`);
});
