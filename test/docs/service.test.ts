import { expect, test } from "vitest";
import { readResult } from "../../bench/results-file.ts";
import type { SamplingResult } from "../../bench/sampling/result.ts";
import type { MultiIndex } from "../../src/public.ts";
import { DEFAULT_MAX_WORK } from "../../worker/contract/limits.ts";
import { decodeWork, RANK } from "../../worker/request/decode-work.ts";
import { readPage } from "./pages.ts";

const count = (value: number): string => value.toLocaleString("en-US");

test("docs/service.md says how many queries a request can decode, on the layers that were measured", () => {
  const page = readPage("docs/service.md");
  for (const { itemCount, bucketCount } of readResult<SamplingResult>("sampling").heads) {
    const sizes = { dim: 64, codewordCount: 256, outlierCount: 256, rowType: "i8", hasFineCodes: false } as const;
    const info = { ...sizes, itemCount, bucketCount } as MultiIndex["info"];
    const works = [
      decodeWork(info, {}, { temperature: 0 }),
      decodeWork(info, { minP: 0.05 }, {}),
      decodeWork(info, { topP: 0.9 }, {}),
    ] as const;
    const [greedy, minP, topP] = works.map((work) => Math.floor(DEFAULT_MAX_WORK / work));
    const sorted = works.slice(1).map((work) => Math.floor((DEFAULT_MAX_WORK - work) / RANK));
    const shown = sorted.every((most) => most >= itemCount)
      ? "all classes"
      : sorted.map((most) => count(Math.floor(most / 1000) * 1000)).join(", ");
    expect(page).toMatch(
      new RegExp(`\\| ${count(itemCount)} \\| ${greedy}(?: queries)? \\| ${minP} \\| ${topP} \\| ${shown} \\|`),
    );
  }
});

test("docs/service.md says how many queries a request can decode where rows are long", () => {
  const page = readPage("docs/service.md");
  const sizes = { outlierCount: 256, rowType: "i8", hasFineCodes: false, calibration: {} } as const;
  const gpt2 = { itemCount: 50_257, dim: 768, codewordCount: 128, bucketCount: 918 };
  for (const layer of [gpt2, { itemCount: 151_936, dim: 1024, codewordCount: 256, bucketCount: 3000 }]) {
    const info = { ...sizes, ...layer } as MultiIndex["info"];
    const works = [{ topK: 64 }, { minP: 0.05 }, { topP: 0.9 }, {}].map((chain) => decodeWork(info, chain, {}));
    const [topK, minP, topP, none] = works.map((work) => Math.floor(DEFAULT_MAX_WORK / work));
    expect(decodeWork(info, {}, { temperature: 0 })).toBe(works[0]);
    expect(page).toMatch(
      new RegExp(
        `\\| ${count(info.itemCount)} × ${count(info.dim)} \\| ${topK}(?: queries)? \\| ${minP} \\| ${topP} \\| ${none} \\|`,
      ),
    );
  }
});
