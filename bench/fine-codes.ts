// What do fine codes cost a default call of `predict`? Builds the output layers of bench/trust plainly, with and without fine
// codes, and asks both in turn (npm run bench:fine-codes). --write writes bench/results/fine-codes.json and the table of
// docs/trust-results.md.
import { type FineCodesResult, fineCodesTable } from "./fine-codes/table.ts";
import { buildMeasured, load } from "./library.ts";
import { meanOf } from "./mean-and-deviation.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";
import { median } from "./timing.ts";
import { canLoad, type HeadName, SOURCES, sourceOf } from "./trust/heads.ts";

const QUERIES = 400;
const BURST = 50;
const ROUNDS = 14;
const WARM_UP = 2;

async function measure(layer: HeadName): Promise<FineCodesResult["layers"][number]> {
  const { data, itemCount, dim, bias, queries } = await sourceOf(layer).load();
  const built = (fineCodes: boolean) =>
    buildMeasured({ data, shape: [itemCount, dim] }, { fineCodes, seed: 1, ...(bias && { bias }) }).then((file) =>
      load(file),
    );
  const indexes = [await built(false), await built(true)] as const;
  const count = Math.min(QUERIES, queries.length / dim);
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    const times: [number, number] = [0, 0];
    for (let first = 0; first < count; first += BURST) {
      for (const which of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const start = performance.now();
        for (let i = first; i < Math.min(first + BURST, count); i++) {
          indexes[which].predict(queries.subarray(i * dim, (i + 1) * dim), 10, { seed: round * count + i });
        }
        times[which] += (1000 * (performance.now() - start)) / count;
      }
    }
    return { without: times[0], withCodes: times[1], ratio: times[1] / times[0] };
  }).slice(WARM_UP);
  for (const index of indexes) index.dispose();
  const of = (field: "without" | "withCodes" | "ratio"): number[] => rounds.map((round) => round[field]);
  return {
    layer,
    itemCount,
    dim,
    without: meanOf(of("without")),
    withCodes: meanOf(of("withCodes")),
    ratio: median(of("ratio")),
  };
}

const layers: FineCodesResult["layers"][number][] = [];
for (const name of Object.keys(SOURCES) as HeadName[]) if (canLoad(name)) layers.push(await measure(name));
console.log(fineCodesTable({ layers }));
if (process.argv.includes("--write")) {
  const written = writeResult<FineCodesResult>("fine-codes", { layers });
  replaceBetween("docs/trust-results.md", "fine-codes", fineCodesTable(written));
}
