// The cost of a live catalogue (npm run bench:live): calls with 0 to 20,000 changed rows in units of the same calls without
// changes, filters in units of calls without one, and the rates at which logs take sets, a second and in units of the reads or
// writes behind them. Everything takes turns in one run, and times are kept as ratios only. On the head of 100,000 tokens. --write writes bench/results/live.json and the table of
// docs/live.md.

import { Catalogue } from "../scripts/live-load/catalogue.ts";
import { startLive } from "../scripts/live-load/services.ts";
import { publishFirst } from "../scripts/live-load/versions.ts";
import { haveTokens } from "./heads.ts";
import { type CallTimes, changedTokens, UNCHANGED } from "./live/call-costs.ts";
import { filterCosts } from "./live/filter-costs.ts";
import type { LiveResult, WriteRate } from "./live/result.ts";
import { liveTable } from "./live/table.ts";
import { folderRates, serviceRates } from "./live/write-rates.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";

const CLASSES = 100_000;
const ROWS = [100, 1000, 10_000, 20_000];
const DIM = 64;
const SERVED_CLASSES = 2000;

if (haveTokens()) {
  const tokens = await changedTokens(CLASSES);
  const result: LiveResult = {
    ...originOf("two busy cores"),
    head: "100,000 tokens, RQ, K = 256, int8 rows of 64 values with biases",
    calls: inUnits(await tokens.times(ROWS)),
    filters: await filterCosts(tokens),
    writes: [
      ...(await folderRates()),
      ...(await ratesOf("object", "Durable Object")),
      ...(await ratesOf("segments", "bucket of R2")),
    ],
  };
  console.log(liveTable(result));
  if (process.argv.includes("--write")) {
    replaceBetween("docs/live.md", "live", liveTable(writeResult("live", result)));
  }
}

function inUnits(times: CallTimes): CallTimes {
  return Object.fromEntries(
    Object.entries(times).map(([call, kinds]) => [
      call,
      Object.fromEntries(Object.entries(kinds).map(([kind, time]) => [kind, time / (kinds[UNCHANGED] as number)])),
    ]),
  );
}

/** Measures the rates of a service in workerd, whose bucket is on this machine as well. */
async function ratesOf(log: "object" | "segments", name: WriteRate["log"]): Promise<WriteRate[]> {
  const service = await startLive(log);
  try {
    await publishFirst(service, new Catalogue(DIM, SERVED_CLASSES));
    return await serviceRates(name, service);
  } finally {
    await service.stop();
  }
}
