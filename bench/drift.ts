// The drift of answers to queries of other kinds from the answers to the build's queries: npm run bench:drift
//
// docs/monitoring.md quotes these numbers, and takes its thresholds from them. The queries of the build are the first half of
// a text, and queries of the same kind its second half.
import { BandedDrift } from "../worker/telemetry/banded-drift.ts";
import { nextWordHead } from "./heads.ts";
import { buildMeasured, load } from "./library.ts";

const COUNT = 500;
const { data, bias, itemCount, dim, queries } = nextWordHead();
const half = (queries.length / dim / 2) * dim;
const [before, after] = [queries.subarray(0, half), queries.subarray(half, half + COUNT * dim)];

const kinds: Readonly<Record<string, Float32Array>> = {
  "the same kind": after,
  ...Object.fromEntries([0.7, 0.9, 1.1, 1.3, 1.5, 2].map((size) => [`${size} times as large`, scaled(after, size)])),
  "another model, with its values in other places": after.map(
    (_, i) => after[i - (i % dim) + (((i % dim) * 37 + 11) % dim)] as number,
  ),
};

for (const source of ["queries", "stand-ins"]) {
  const options = { bias, ...(source === "queries" && { queries: before }) };
  const index = await load(await buildMeasured({ data, shape: [itemCount, dim] }, options));
  console.log(`built with ${source}: ${index.info.calibration.queryCount}`);
  for (const [kind, asked] of Object.entries(kinds)) {
    const watch = new BandedDrift({ index, version: "" });
    for (let row = 0; row < asked.length / dim; row++) {
      const { ids, ...answer } = index.predict(asked.subarray(row * dim, (row + 1) * dim), 1, { seed: row });
      watch.observe({ ...answer, ids: Array.from(ids) }, {});
    }
    const drifts = watch.seen.flatMap(({ band, measure, drift, error }) =>
      band === "all" ? [`${measure} ${drift.toFixed(2)} ± ${error.toFixed(2)}`] : [],
    );
    console.log(`  ${kind}: ${drifts.join(", ") || "not compared"}; due: ${watch.due ?? "unknown"}`);
  }
  index.dispose();
}

function scaled(values: Float32Array, size: number): Float32Array {
  return values.map((value) => size * value);
}
