import type { Client } from "../../../worker/client.ts";

/** The number of items clicked last that are among the first ten that each way recommends. */
export interface Recall {
  readonly sessions: number;
  readonly service: number;
  /** The items that most of the sessions learned from have. */
  readonly popularity: number;
  /** The items that came most often right after the one clicked last. */
  readonly counts: number;
}

const K = 10;
/** Queries of one request. */
const BATCH = 50;

/**
 * Recommends the last item of each held-out session from those before it, without the items that these have. The service is
 * asked for more than ten, as many as a session may have clicked already.
 */
export async function measureRecall(
  client: Client,
  learned: readonly (readonly string[])[],
  heldOut: readonly (readonly string[])[],
): Promise<Recall> {
  const popular = ranked(frequencies(learned.flat()));
  const following = followersOf(learned);
  const asked = await recommendedBy(client, heldOut);
  const recall = (recommended: (session: readonly string[], i: number) => readonly string[]): number =>
    heldOut.filter((session, i) => isAmongFirst(session, recommended(session, i))).length / heldOut.length;
  return {
    sessions: heldOut.length,
    service: recall((_, i) => asked[i] ?? []),
    popularity: recall(() => popular),
    counts: recall((session) => [...(following.get(session.at(-2) ?? "") ?? []), ...popular]),
  };
}

/** Tells whether the last item of a session is among the first ten that the session did not have before. */
function isAmongFirst(session: readonly string[], recommended: readonly string[]): boolean {
  const seen = new Set(session.slice(0, -1));
  const first: string[] = [];
  for (const item of recommended) {
    if (first.length === K) break;
    if (!seen.has(item) && !first.includes(item)) first.push(item);
  }
  return first.includes(session.at(-1) as string);
}

async function recommendedBy(client: Client, sessions: readonly (readonly string[])[]): Promise<string[][]> {
  const k = K + Math.max(...sessions.map(({ length }) => length));
  const answers: string[][] = [];
  for (let start = 0; start < sessions.length; start += BATCH) {
    const queries = sessions
      .slice(start, start + BATCH)
      .map((session) => ({ sequence: session.slice(0, -1), unknownItems: "skip" as const }));
    const { results } = await client.predict(queries, { k, seed: 1 });
    answers.push(...results.map(({ labels = [] }) => labels.map(String)));
  }
  return answers;
}

function followersOf(sessions: readonly (readonly string[])[]): Map<string, string[]> {
  const pairs = new Map<string, string[]>();
  for (const session of sessions) {
    for (const [i, item] of session.slice(1).entries()) {
      const before = session[i] as string;
      const followers = pairs.get(before);
      if (followers) followers.push(item);
      else pairs.set(before, [item]);
    }
  }
  return new Map([...pairs].map(([item, followers]) => [item, ranked(frequencies(followers))]));
}

function frequencies(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

const ranked = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].sort(([, a], [, b]) => b - a).map(([item]) => item);
