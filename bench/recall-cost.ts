// The price of recall that nobody measured with queries (npm run bench:recall-cost): the time of topK for .95 of the 10 best on
// indexes that were built plainly, as a multiple of the time on indexes that were built with queries, and of that of exact answers.
import { buildMeasured, load } from "./library.ts";
import { median } from "./timing.ts";
import { canLoad, type HeadName, SOURCES, sourceOf } from "./trust/heads.ts";

const [K, RECALL] = [10, 0.95];
/** The most queries that are asked. As many others, and at most GIVEN, are given to the build. */
const ASKED = 400;
const GIVEN = 512;
const ROUNDS = 9;

const ratios: number[] = [];
for (const name of Object.keys(SOURCES) as HeadName[]) {
  if (!canLoad(name)) continue;
  const { data, bias, itemCount, dim, queries } = await sourceOf(name).load();
  const asked = Math.min(ASKED, Math.floor(queries.length / dim / 2));
  const given = queries.subarray(asked * dim, (asked + GIVEN) * dim);
  const options = { fineCodes: true, calibrate: "off", ...(bias && { bias }) } as const;
  const plain = await load(await buildMeasured({ data, shape: [itemCount, dim] }, options));
  const informed = await load(await buildMeasured({ data, shape: [itemCount, dim] }, { ...options, queries: given }));
  const calls = {
    plain: (query: Float32Array) => plain.topK(query, K, { recall: RECALL }),
    informed: (query: Float32Array) => informed.topK(query, K, { recall: RECALL }),
    exact: (query: Float32Array) => plain.topK(query, K, { exact: true }),
  };
  const times = { plain: [] as number[], informed: [] as number[], exact: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [kind, call] of Object.entries(calls)) {
      const start = performance.now();
      for (let i = 0; i < asked; i++) call(queries.subarray(i * dim, (i + 1) * dim));
      times[kind as keyof typeof times].push(performance.now() - start);
    }
  }
  const [ofPlain, ofInformed, ofExact] = [times.plain, times.informed, times.exact].map(median) as [
    number,
    number,
    number,
  ];
  ratios.push(ofPlain / ofInformed);
  console.log(
    `${name}: ${(ofPlain / ofInformed).toFixed(2)} × with queries, ${(ofPlain / ofExact).toFixed(2)} × exact`,
  );
}
console.log(`in the median ${median(ratios).toFixed(2)} × with queries`);
