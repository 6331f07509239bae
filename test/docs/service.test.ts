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
