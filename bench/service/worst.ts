import { median } from "../timing.ts";
import { post } from "./post.ts";
import type { Worst } from "./result.ts";

const ROUNDS = 15;

type Ask = readonly [name: string, path: string, fields: object];

/**
 * Measures requests at the limits of bodies and of work, one at a time. A batch has the largest number of queries that
 * MAX_WORK allows, which the refusal of a larger one states.
 */
export async function measureWorst(url: string, queries: readonly number[][]): Promise<Worst[]> {
  const [vector = []] = queries;
  const batches: Ask[] = [
    ["k = 1,000", "/v1/predict", { k: 1000 }],
    ["4,096 draws", "/v1/predict", { scan: 4096, draws: 4096 }],
    ["exact", "/v1/predict", { exact: true }],
    ["4,096 draws", "/v1/sample", { draws: 4096 }],
    ["1,000 classes", "/v1/sample-top-k", { k: 1000 }],
    ["10,000 classes", "/v1/log-probability", { ids: Array.from({ length: 10_000 }, (_, id) => id) }],
  ];
  const singles: Ask[] = [
    ["exact, 4,096 draws", "/v1/sample", { draws: 4096, exact: true }],
    ["exact, 1,000 classes", "/v1/sample-top-k", { k: 1000, exact: true }],
    ["10,000 classes excluded", "/v1/predict", { exclude: Array.from({ length: 10_000 }, (_, i) => 10 * i) }],
    ["another temperature", "/v1/predict", { temperature: 0.5 }],
    ["tolerance 0", "/v1/log-partition", { tolerance: 0 }],
  ];
  const found = [await timed(url, "/v1/predict", "a body of 4 MiB, 100 queries", paddedBody(queries))];
  for (const [name, path, fields] of batches) {
    const count = await most(url, path, queries, fields);
    const body = JSON.stringify({ vectors: queries.slice(0, count), ...fields });
    found.push(await timed(url, path, `${name}, ${count} queries`, body));
  }
  for (const [name, path, fields] of singles) {
    found.push(await timed(url, path, name, JSON.stringify({ vector, ...fields })));
  }
  return found;
}

function paddedBody(queries: readonly number[][]): string {
  const body = JSON.stringify({ vectors: queries });
  return body + " ".repeat(4_194_304 - body.length);
}

/** Finds the largest number of queries in a request. */
async function most(url: string, path: string, vectors: readonly number[][], fields: object): Promise<number> {
  const { status, text } = await post(url + path, JSON.stringify({ vectors, ...fields }));
  const [, needed, limit] = /needs (\d+) multiply-adds, the limit is (\d+)/.exec(text) ?? [];
  if (status === 200) return vectors.length;
  if (needed === undefined || limit === undefined) throw new Error(`${path} answered ${status}: ${text}`);
  return Math.floor((vectors.length * Number(limit)) / Number(needed));
}

async function timed(url: string, path: string, name: string, body: string): Promise<Worst> {
  const times: number[] = [];
  let status = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const posted = await post(url + path, body);
    times.push(performance.now() - start);
    if (posted.status !== 200) throw new Error(`${path}, ${name}, answered ${posted.status}: ${posted.text}`);
    ({ status } = posted);
  }
  return { name: `${path}: ${name}`, status, bodyBytes: body.length, time: Number(median(times).toFixed(1)) };
}
