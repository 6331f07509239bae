// A thread that builds an index of the classes it is given, and answers with the file and its facts.
import { parentPort, workerData } from "node:worker_threads";
import { buildMeasured, load } from "../../bench/library.ts";
import { factsOfInfo } from "../../src/publication/facts-of-info.ts";

const { labels, rows } = workerData as { labels: string[]; rows: number[][] };
const shape = [rows.length, (rows[0] as number[]).length] as const;
const file = await buildMeasured(
  { data: Float32Array.from(rows.flat()), shape },
  { labels, seed: 1, calibrate: "off" },
);
parentPort?.postMessage({ file, facts: factsOfInfo((await load(file)).info) });
