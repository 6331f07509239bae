// The latency of parts (npm run bench:scale-out): `predict` over 1, 2, 4 and 8 parts in one process, in Durable Objects of
// workerd and in processes over HTTP, beside one index of the same rows. Everything shares the cores of one machine, so more
// parts do not answer sooner here: only the time that a router and its messages add counts. --rows sets the number of rows;
// --write writes bench/results/scale-out.json and the table of docs/scale-out.md.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleCli } from "../test/cli/bundle.ts";
import { load } from "./library.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";
import { latencyOf, predictAt } from "./scale-out/latency.ts";
import { DIM, type MadeParts, madeParts, queries } from "./scale-out/made-parts.ts";
import type { Latency, PartsLatency, ScaleOutResult } from "./scale-out/result.ts";
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

/** Measures a service while it runs. */
async function measured<T>(service: Service, use: (url: string) => Promise<T>): Promise<T> {
  try {
    return await use(service.url);
  } finally {
    await service.stop();
  }
}

const predicted = (url: string): Promise<Latency> => latencyOf(requests, predictAt(url, asked));

async function measureOne({ files: [file = new Uint8Array()] }: MadeParts): Promise<ScaleOutResult["one"]> {
  const index = await load(file);
  const path = join(folder, "one.midx");
  writeFileSync(path, file);
  return {
    process: await latencyOf(requests, (round) => index.predict(queryOf(round), 10, { seed: round })),
    worker: await measured(await startWorker(file), predicted),
    http: await measured(await startServe(cli, [path]), predicted),
  };
}

async function measureParts(parts: number): Promise<[MadeParts, PartsLatency]> {
  const made = await madeParts(join(folder, String(parts)), rows, parts);
  const process = await latencyOf(requests, (round) => made.parted.predict(queryOf(round), 10, { seed: round }));
  const body = new Uint8Array(4 * DIM);
  const inObjects = await measured(await startObjects(made), async (url) => ({
    objects: await predicted(url),
    empty: await latencyOf(requests, async () => {
      await (await fetch(`${url}/?empty=${parts}`, { method: "POST", body })).arrayBuffer();
    }),
  }));
  const http = await measured(await startProcesses(cli, made), predicted);
  return [made, { parts, process, ...inObjects, http }];
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
  const machine = `${cpus()[0]?.model ?? "?"}, ${cpus().length} cores`;
  const result = { machine, node: process.version, rows, dim: DIM, requests, one: one as ScaleOutResult["one"], split };
  console.log(latencyTable(result));
  if (values.write)
    replaceBetween("docs/scale-out.md", "latency", latencyTable(writeResult("scale-out-latency", result)));
} finally {
  remove();
  rmSync(folder, { recursive: true });
}
