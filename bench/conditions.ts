// Conditions that differ from call to call, in units of a predict without conditions (node bench/conditions.ts, after
// `npm run build:kernels`). The kinds of calls take turns in one process, so only ratios are printed. 100,000 classes, or
// the number given as an argument.
import { haveTokens, tokensHead } from "./heads.ts";
import { build, load } from "./library.ts";
import { medianTimes } from "./timing.ts";

const ROUNDS = 24;
const BURST = 16;
const [itemCount = 100_000] = process.argv.slice(2).map(Number);

/** Different classes for every call, spread over all. */
const classes = (count: number, call: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => (i * 7919 + call * 104_729) % itemCount);

if (haveTokens()) {
  const { data, dim, bias, counts, queries } = tokensHead("tokens", itemCount);
  const index = await load(
    await build({ data, shape: [itemCount, dim] }, { bias, counts, seed: 1, calibrate: "off" }),
    {
      maxScan: itemCount,
    },
  );
  const query = (call: number): Float32Array => {
    const at = (call % (queries.length / dim)) * dim;
    return queries.subarray(at, at + dim);
  };
  const history = classes(500 + ROUNDS * BURST, 0);
  const plain = (call: number) => index.predict(query(call), 10, { seed: call });
  const exactly = (temperature: number) => (call: number) =>
    index.predict(query(call), 10, { exact: true, temperature, seed: call });
  const kinds: Record<string, (call: number) => unknown> = {
    "500 excluded, always the same": (call) =>
      index.predict(query(call), 10, { exclude: history.subarray(0, 500), seed: call }),
    "500 excluded, one more in each call": (call) =>
      index.predict(query(call), 10, { exclude: history.subarray(0, 500 + call), seed: call }),
    "allow 50, others in each call": (call) => index.predict(query(call), 10, { allow: classes(50, call), seed: call }),
    "allow 50, after a call without": (call) => {
      plain(call);
      return index.predict(query(call), 10, { allow: classes(50, call), seed: call });
    },
    "allow 5,000, others in each call": (call) =>
      index.predict(query(call), 10, { allow: classes(5000, call), seed: call }),
    "two temperatures in turn": (call) =>
      index.predict(query(call), 10, { temperature: call % 2 ? 0.7 : 1.3, seed: call }),
    exact: exactly(1),
    "exact, two temperatures in turn": (call) => exactly(call % 2 ? 0.7 : 1.3)(call),
    "exact, 500 excluded, one more in each call": (call) =>
      index.predict(query(call), 10, { exact: true, exclude: history.subarray(0, 500 + call), seed: call }),
  };
  const times = medianTimes(ROUNDS, BURST, { "no condition": plain, ...kinds });
  const unit = times["no condition"] as number;
  console.log(`${itemCount} classes; a predict without conditions takes ${unit.toFixed(0)} µs here`);
  for (const [kind, time] of Object.entries(times)) console.log(`${(time / unit).toFixed(2).padStart(7)} × ${kind}`);
}
