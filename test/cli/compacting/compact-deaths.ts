import { expect } from "vitest";
import { changeSetOf } from "../../../src/changes/change-set-of.ts";
import { applyChanges } from "../../../src/changes/index.ts";
import { decodeLoggedSet, encodeLoggedSet } from "../../../src/changes/logged-set.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import type { Store } from "../../../src/cli/publishing/store.ts";
import { verified } from "../../../src/cli/publishing/verified-file.ts";
import { load } from "../../../src/index.ts";
import type { ChangeLog } from "../../../src/publication/change-log.ts";
import { factsOfInfo } from "../../../src/publication/facts-of-info.ts";
import { build } from "../../../src/train/build/build-inlined.ts";
import { randomRows } from "../../train/rows.ts";
import { compactTo, POINTER } from "../publishing/compacting.ts";
import { readPublished } from "../publishing/reader.ts";

const [COUNT, DIM] = [60, 4];
const labels = Array.from({ length: COUNT }, (_, id) => `item ${id}`);
const building = build({ data: randomRows(COUNT * DIM, 1), shape: [COUNT, DIM] }, { labels, calibrate: "off" });

/** Publishes the version "old", and appends changes to the log, of which "old" has none. */
export async function publishOld(store: Store, log: ChangeLog): Promise<void> {
  const { bytes, info } = await verified(await building);
  await publish(store, POINTER, bytes, { version: "old", facts: factsOfInfo(info) });
  await log.append(encodeLoggedSet({ upserts: { labels: ["a", "item 3"], rows: randomRows(2 * DIM, 2) } }));
  await log.append(
    encodeLoggedSet({ upserts: { labels: ["b"], rows: randomRows(DIM, 3) }, removals: ["a", "item 9"] }),
  );
}

/** The scores of all classes that a reader of the published version and of the log behind it has, by label. */
export async function answersOf(
  store: Store,
  log: ChangeLog,
): Promise<{ version: string; scores: Map<string, number> }> {
  const found = await readPublished(async (key) => (await store.get(key))?.bytes, POINTER);
  if (!found) throw new Error("nothing is published");
  const { sequence = 0 } = JSON.parse(Buffer.from((await store.get(POINTER))?.bytes as Uint8Array).toString());
  const index = await load(found.bytes, { maxDelta: 10 });
  const { sets, first } = await log.read(sequence);
  expect(first).toBeLessThanOrEqual(sequence + 1);
  for (const set of sets) {
    applyChanges(index, changeSetOf(decodeLoggedSet(set.bytes), index.info), { sequence: set.sequence });
  }
  const { ids, scores } = index.topK(randomRows(DIM, 5), 100, { exact: true });
  return { version: found.version, scores: new Map(index.labels(ids).map((label, i) => [label, scores[i] as number])) };
}

/** Checks what a compactor leaves that died: one whole version with all answers, from which another one goes on. */
export async function expectWhole(
  store: Store,
  log: ChangeLog,
  expected: ReadonlyMap<string, number>,
): Promise<string> {
  const { version, scores } = await answersOf(store, log);
  expect(["old", "new"]).toContain(version);
  expect(scores).toEqual(expected);
  await compactTo(store, log);
  const after = await answersOf(store, log);
  expect(after).toEqual({ version: "new", scores: expected });
  return version;
}
