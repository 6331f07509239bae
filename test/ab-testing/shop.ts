import { type CandidateOptions, candidateOf } from "../../src/cli/policy/candidate.ts";
import { readDraws, readPredictions, readQueries, readRewards } from "../../src/cli/policy/inputs.ts";
import { type JoinedValue, type JoinOptions, joinedValue } from "../../src/cli/policy/joined-value.ts";
import type { MultiIndex } from "../../src/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { type Open, open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";

// A made-up shop for midx policy-value: items, users, and the logs that the Worker would write about them.

export const COUNT = 40;
const DIM = 6;
export const IDS = Array.from({ length: COUNT }, (_, id) => id);

export interface Shop {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly opened: Open;
  readonly index: MultiIndex;
}

/** Two shops of different `seed` have the same items, known with different noise. */
export async function shop(
  seed: number,
  quantizer: "pq" | "rq",
  labels?: string[],
  count = labels?.length ?? COUNT,
): Promise<Shop> {
  const noise = randomRows(count * DIM, 100 + seed);
  const data = randomRows(count * DIM, 50).map((value, i) => value + 0.4 * (noise[i] as number));
  const bias = randomRows(count, 200 + seed);
  const options = { bits: 3, rowType: "f32", quantizer, seed, bias, ...(labels && { labels }) } as const;
  const file = await buildIndex({ data, shape: [count, DIM] }, options);
  const opened = await open(file);
  return { file, opened, index: opened.index };
}

export const userOf = (seed: number): Float32Array => randomRows(DIM, 300 + seed).map((value) => 1.2 * value);
/** In [0, 1): a user's average opinion of an item. */
export const chancesOf = (seed: number, count = COUNT): number[] =>
  Array.from(randomRows(count, 400 + seed), (value) => (value + 1) / 2);

/** Seeded numbers in [0, 1), one for each call. */
function uniforms(count: number, seed: number): () => number {
  const values = randomRows(count, seed);
  let at = 0;
  return () => ((values[at++] as number) + 1) / 2;
}

export interface Files {
  readonly logs: readonly string[];
  readonly rewards: readonly string[];
  readonly queries: readonly string[];
  readonly predictions?: readonly string[];
}

export const logLine = (
  requestId: string,
  ids: ArrayLike<number>,
  logQ: ArrayLike<number>,
  more: object = {},
): string =>
  JSON.stringify({
    event: "draws",
    ...{ requestId, version: "a", row: 0, seed: "1", scan: 8, temperature: 1 },
    ...{ ids: Array.from(ids), logQ: Array.from(logQ) },
    ...more,
  });

export async function valueFrom(
  { logs, rewards, queries, predictions }: Files,
  index: MultiIndex,
  candidate: CandidateOptions = { policy: "softmax" },
  options: JoinOptions = {},
): Promise<JoinedValue> {
  const joined = {
    draws: readDraws([{ file: "l", lines: logs }]),
    rewards: await readRewards(rewards, "r"),
    queries: await readQueries(queries, "q", index.info),
    ...(predictions && { predictions: await readPredictions(predictions, "p") }),
  };
  return joinedValue(joined, candidateOf(index, candidate), options);
}

/** Users that return again and again, so that the true value is a mean over them. */
export const USERS = Array.from({ length: 8 }, (_, user) => ({ vector: userOf(user), chances: chancesOf(user) }));

export interface Visits {
  readonly requests: number;
  readonly draws: number;
  readonly seed: number;
  /**
   * "item": each class is liked or not by itself. "mood": a request likes everything that is drawn, or little of it.
   */
  readonly liked?: "item" | "mood";
}

/** The Worker's logs and the users' rewards of 0 or 1 for draws by `sample`. */
export function visits({ index }: Shop, { requests, draws, seed, liked = "item" }: Visits): Files {
  const uniform = uniforms(requests * (draws + 2), 1000 + seed);
  const files = { logs: [] as string[], rewards: [] as string[], queries: [] as string[] };
  for (let i = 0; i < requests; i++) {
    const { vector, chances } = USERS[Math.floor(uniform() * USERS.length)] as (typeof USERS)[number];
    const requestId = `r${i}`;
    const { ids, logQ } = index.sample(vector, draws, { scan: 8, seed: 100_000 * seed + i });
    files.logs.push(logLine(requestId, ids, logQ));
    files.queries.push(JSON.stringify({ requestId, vector: [...vector] }));
    const mood = uniform();
    for (const id of new Set(ids)) {
      const dice = uniform();
      if ((liked === "mood" ? mood : dice) >= (chances[id] as number)) continue;
      files.rewards.push(JSON.stringify({ requestId, id, reward: 1 }));
    }
  }
  return files;
}
