// The latency of parts (npm run bench:scale-out): `predict` over 1, 2, 4 and 8 parts in one process, in Durable Objects of
// workerd and in processes over HTTP, beside one index of the same rows. Everything shares the cores of one machine, so more
// parts do not answer sooner here: only the time that a router and its messages add counts. --rows sets the number of rows;
// --write writes bench/results/scale-out-latency.json and the table of docs/scale-out.md.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleCli } from "../test/cli/bundle.ts";
import { load } from "./library.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";
import { latenciesOf, predictAt } from "./scale-out/latency.ts";
import { DIM, type MadeParts, madeParts, queries } from "./scale-out/made-parts.ts";
import type { PartsLatency, ScaleOutResult } from "./scale-out/result.ts";
import { type Service, startObjects, startProcesses, startServe, startWorker } from "./scale-out/services.ts";
import { latencyTable } from "./scale-out/table.ts";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "400000" },
    requests: { type: "string", default: "400" },
    write: { type: "boolean" },
  },
});
const [rows, requests] = [Number(values.rows), Number(values.requests)];
const asked = queries(64);
const queryOf = (round: number): Float32Array => asked[round % asked.length] as Float32Array;
const folder = mkdtempSync(join(tmpdir(), "midx-scale-out-"));
const { cli, remove } = await bundleCli();

/** Lets services run while `use` measures them. */
async function measured<T, Name extends string>(
  starting: Readonly<Record<Name, () => Promise<Service>>>,
  use: (urls: Record<Name, string>) => Promise<T>,
): Promise<T> {
  const services: [string, Service][] = [];
  try {
    for (const [name, start] of Object.entries<() => Promise<Service>>(starting)) services.push([name, await start()]);
    const urls = services.map(([name, { url }]) => [name, url]);
    return await use(Object.fromEntries(urls) as Record<Name, string>);
  } finally {
    for (const [, service] of services.reverse()) await service.stop();
  }
}

async function measureOne({ files: [file = new Uint8Array()] }: MadeParts): Promise<ScaleOutResult["one"]> {
  const index = await load(file);
  const path = join(folder, "one.midx");
  writeFileSync(path, file);
  return measured({ worker: () => startWorker(file), http: () => startServe(cli, [path]) }, ({ worker, http }) =>
    latenciesOf(requests, {
      process: (round) => index.predict(queryOf(round), 10, { seed: round }),
      worker: predictAt(worker, asked),
      http: predictAt(http, asked),
    }),
  );
}

async function measureParts(parts: number): Promise<[MadeParts, PartsLatency]> {
  const made = await madeParts(join(folder, String(parts)), rows, parts);
  const body = new Uint8Array(4 * DIM);
  const starting = {
    objects: () => startObjects("objects", made),
    requested: () => startObjects("requested-objects", made),
    http: () => startProcesses(cli, made),
  };
  const latencies = await measured(starting, ({ objects, requested, http }) =>
    latenciesOf(requests, {
      process: (round) => made.parted.predict(queryOf(round), 10, { seed: round }),
      objects: predictAt(objects, asked),
      requested: predictAt(requested, asked),
      empty: async () => {
        await (await fetch(`${objects}/?empty=${parts}`, { method: "POST", body })).arrayBuffer();
      },
      http: predictAt(http, asked),
    }),
  );
  return [made, { parts, ...latencies }];
}

try {
  const split: PartsLatency[] = [];
  let one: ScaleOutResult["one"] | undefined;
  for (const parts of [1, 2, 4, 8]) {
    const [made, latency] = await measureParts(parts);
    one ??= await measureOne(made);
    split.push(latency);
    console.error(`${parts} parts measured`);
  }
  const result = {
    ...originOf(`${cpus().length} cores`),
    rows,
    dim: DIM,
    requests,
    one: one as ScaleOutResult["one"],
    split,
  };
  console.log(latencyTable(result));
  if (values.write)
    replaceBetween("docs/scale-out.md", "latency", latencyTable(writeResult("scale-out-latency", result)));
} finally {
  remove();
  rmSync(folder, { recursive: true });
}
