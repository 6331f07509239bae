import type { MultiIndex } from "../../src/index/multi-index.ts";
import { load } from "../library.ts";
import { madeUp } from "../made-up.ts";
import { median } from "../timing.ts";
import { post } from "./post.ts";
import { publish } from "./publish.ts";
import type { Swaps } from "./result.ts";
import type { RunningWorker } from "./workers.ts";

const ASKERS = 8;
const QUERIES = 64;
const OPTIONS = { k: 10, seed: 7 };

/**
 * Two files of the same rows that may replace each other in a service, and that answer differently. The service refuses a
 * version that would break the clients of the one before it, such as one with fewer classes.
 */
export const swapFiles = (itemCount: number, dim: number) =>
  Promise.all([madeUp(itemCount, dim, { seed: 1 }), madeUp(itemCount, dim, { seed: 2 })]);

/**
 * Swaps versions under load: clients compare every answer with the offline answer of the version that it names, while
 * the pointer goes from one file to the other and back. Each version is a new name for one of the two files.
 */
export async function measureSwaps(
  worker: RunningWorker,
  key: string,
  files: readonly Uint8Array[],
  queries: readonly number[][],
  swaps: number,
): Promise<Swaps> {
  const asked = queries.slice(0, QUERIES);
  const expected = await Promise.all(files.map(async (file) => answersOf(await load(file), asked)));
  const bodies = asked.map((vector) => JSON.stringify({ vector, ...OPTIONS }));
  let [answers, failed, wrong, isDone] = [0, 0, 0, false];
  let newest = "";
  const asker = async (start: number): Promise<void> => {
    for (let i = start; !isDone; i++) {
      const query = i % asked.length;
      const answer = await ask(worker.url, bodies[query] as string);
      answers++;
      if (!answer) failed++;
      else {
        const place = Number(answer.version.split("-")[1]) % files.length;
        if (answer.text !== expected[place]?.[query]) wrong++;
        newest = answer.version;
      }
    }
  };
  const askers = Array.from({ length: ASKERS }, (_, i) => asker(i * 5));
  const times: number[] = [];
  try {
    for (let swap = 1; swap <= swaps; swap++) {
      const version = `swap-${swap}`;
      await publish(worker, key, files[swap % files.length] as Uint8Array, version);
      const start = performance.now();
      while (newest !== version && performance.now() - start < 10_000) await pause(5);
      if (newest !== version) throw new Error(`${version} was not served within 10 s`);
      times.push(performance.now() - start);
      await pause(100);
    }
  } finally {
    isDone = true;
    await Promise.all(askers);
  }
  return { swaps, answers, failed, wrong, untilServed: Math.round(median(times)) };
}

export function answersOf(index: MultiIndex, queries: readonly number[][]): string[] {
  return queries.map((query) => {
    const { ids, probabilities, logPartition } = index.predict(query, OPTIONS.k, { seed: OPTIONS.seed });
    return JSON.stringify([Array.from(ids), Array.from(probabilities), logPartition]);
  });
}

async function ask(
  url: string,
  body: string,
): Promise<{ readonly version: string; readonly text: string } | undefined> {
  const { status, text: answered } = await post(`${url}/v1/predict`, body);
  if (status !== 200) return undefined;
  const { version, ids, probabilities, logPartition } = JSON.parse(answered);
  return { version: String(version), text: JSON.stringify([ids, probabilities, logPartition]) };
}

const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));
