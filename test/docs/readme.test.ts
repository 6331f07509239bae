import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { ExactResult } from "../../bench/exact/result.ts";
import { exactTable, sampledTable } from "../../bench/exact/table.ts";
import { ALL_FOUND, askedOf, isGeneric, isOurs, type PeersResult, ranked } from "../../bench/peers/result.ts";
import type { SamplingResult } from "../../bench/sampling/result.ts";
import { readmeTable, samplingTables, stepsTable } from "../../bench/sampling/table.ts";
import type { ScaleResult, ScaleSize } from "../../bench/scale/result.ts";
import { exponent, scaleTable } from "../../bench/scale/table.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

it("opens with the two commands that everything starts from", () => {
  expect(read("README.md")).toMatch(/^# midx\n\n```\nnpm ci && npm run demo\nnpm ci && npm test\n```\n/);
});

it("shows the table that the committed measurements give, and leads to the others", () => {
  const result = JSON.parse(read("bench/results/sampling.json")) as SamplingResult;
  const between = (text: string, name = "sampling"): string => `<!-- ${name} -->\n\n${text}\n\n<!-- /${name} -->`;
  expect(read("README.md")).toContain(between(readmeTable(result)));
  expect(read("docs/sampling.md")).toContain(between(samplingTables(result)));
  expect(read("docs/sampling.md")).toContain(between(stepsTable(result), "sampling-steps"));
});

it("says how hnswlib and faiss compare, as the committed measurements have it", () => {
  const { sets } = JSON.parse(read("bench/results/peers.json")) as PeersResult;
  const ratios = askedOf(sets)
    .flatMap(({ contenders }) =>
      [10, 100].flatMap((k) =>
        [0.9, 0.95, 0.985, 0.99, ALL_FOUND].map((recall) => {
          const bestOf = (among: typeof contenders): number => ranked(among, k, recall)[0]?.micros ?? Infinity;
          const graphs = contenders.filter((one) => /^(?:hnswlib|faiss)/.test(one.name) && !isGeneric(one));
          return bestOf(graphs) / bestOf(contenders.filter(isOurs));
        }),
      ),
    )
    .sort((a, b) => a - b);
  expect(ratios.length).toBe(70);
  expect(ratios.filter((ratio) => ratio < 1).length).toBe(1);
  expect((ratios[35] as number).toFixed(0)).toBe("2");
  expect(read("README.md")).toContain(
    "In 70 comparisons, the best of their indexes was faster than midx once, and took twice as long in the median",
  );
});

it("leads to a page that shows the exact bench's measurements", () => {
  const result = JSON.parse(read("bench/results/exact.json")) as ExactResult;
  const page = read("docs/choosing.md");
  expect(page).toContain(`<!-- exact -->\n\n${exactTable(result)}\n\n<!-- /exact -->`);
  expect(page).toContain(`<!-- sampled -->\n\n${sampledTable(result)}\n\n<!-- /sampled -->`);
});

it("leads to a page that shows how the measured sizes grow", () => {
  const result = JSON.parse(read("bench/results/scale.json")) as ScaleResult;
  expect(read("README.md")).toContain("(docs/scale.md)");
  expect(read("docs/scale.md")).toContain(`<!-- scale -->\n\n${scaleTable(result)}\n\n<!-- /scale -->`);
  const counts = result.sizes.map(({ itemCount }) => itemCount);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  for (const { itemCount, recallAt10 } of result.sizes) {
    expect(recallAt10, `what "recall .95" found of ${itemCount}`).toBeGreaterThanOrEqual(0.95);
  }
});

it("fits the exponent of a power", () => {
  const sizes = [1e4, 1e5, 3e6].map((itemCount) => ({ itemCount })) as ScaleSize[];
  for (const power of [-0.5, 0, 0.3, 1]) {
    expect(exponent(sizes, ({ itemCount }) => 7 * itemCount ** power)).toBeCloseTo(power, 12);
  }
});
