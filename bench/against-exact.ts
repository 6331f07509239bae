// Does an answer that may stop early ever take longer than one that reads all rows? Builds the output layers of bench/trust
// plainly, with and without fine codes, and prints mean times in units of exact answers to the same queries: `predict` by
// default at four temperatures and with scan "auto" by target, `logPartition` by tolerance and, with fine codes, `topK` by recall.
//   npm run bench:against-exact -- [--only "next words" …] [--queries 200]
import { parseArgs } from "node:util";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { buildMeasured, load } from "./library.ts";
import { callTimes, type Times } from "./timing.ts";
import { canLoad, type HeadName, SOURCES, sourceOf } from "./trust/heads.ts";
import type { TrustHead } from "./trust/trust-head.ts";

const TEMPERATURES = [0.3, 0.5, 1, 2];
const TARGETS = [0.1, 0.05, 0.02, 0.01];
const TOLERANCES = [1, 0.1, 0.01];
const RECALLS = [0.9, 0.95, 0.99];
const ROUNDS = 4;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    queries: { type: "string", default: "200" },
  },
});
const names = (Object.keys(SOURCES) as HeadName[]).filter(
  (name) => (options.only.length === 0 || options.only.includes(name)) && canLoad(name),
);

type Call = (query: Float32Array, seed: number) => unknown;
interface Calls {
  readonly exact: Call;
  readonly others: Readonly<Record<string, Call>>;
}

for (const name of names) {
  const head = await sourceOf(name).load();
  for (const fineCodes of [false, true]) {
    const { data, itemCount, dim, bias } = head;
    const build = { fineCodes, seed: 1, ...(bias && { bias }) };
    const index = await load(await buildMeasured({ data, shape: [itemCount, dim] }, build));
    console.log(`${name}, ${itemCount} × ${dim}${fineCodes ? ", fine codes" : ""}`);
    for (const [call, { exact, others }] of Object.entries(callsOf(index, fineCodes))) {
      const times = timesOf(head, { exact, ...others });
      const unit = times.exact?.mean as number;
      const ratios = Object.keys(others).map(
        (other) => `${other}: ${((times[other]?.mean as number) / unit).toFixed(2)}`,
      );
      console.log(`  ${call}, in units of ${unit.toFixed(0)} µs: ${ratios.join(", ")}`);
    }
  }
}

function callsOf(index: MultiIndex, hasFineCodes: boolean): Record<string, Calls> {
  const each = (values: readonly number[], call: (value: number) => Call): Record<string, Call> =>
    Object.fromEntries(values.map((value) => [String(value), call(value)]));
  return {
    "predict by default, by temperature": {
      exact: (query) => index.predict(query, 10, { exact: true }),
      others: each(TEMPERATURES, (temperature) => (query, seed) => index.predict(query, 10, { temperature, seed })),
    },
    "predict by targetError": {
      exact: (query) => index.predict(query, 10, { exact: true }),
      others: each(
        TARGETS,
        (targetError) => (query, seed) => index.predict(query, 10, { scan: "auto", targetError, seed }),
      ),
    },
    "logPartition by tolerance": {
      exact: (query) => index.logPartition(query, { exact: true }),
      others: each(TOLERANCES, (tolerance) => (query, seed) => index.logPartition(query, { tolerance, seed })),
    },
    ...(hasFineCodes && {
      "topK by recall": {
        exact: (query: Float32Array) => index.topK(query, 10, { exact: true }),
        others: each(RECALLS, (recall) => (query) => index.topK(query, 10, { recall })),
      },
    }),
  };
}

function timesOf({ queries, dim }: TrustHead, calls: Readonly<Record<string, Call>>): Record<string, Times> {
  const count = Math.min(Number(options.queries), queries.length / dim);
  const asked = Object.entries(calls).map(([name, call]) => {
    const ask = (round: number) => call(queries.subarray((round % count) * dim, ((round % count) + 1) * dim), round);
    return [name, ask] as const;
  });
  return callTimes(ROUNDS, count, Object.fromEntries(asked));
}
