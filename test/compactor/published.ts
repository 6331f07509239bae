import { encodeLoggedSet } from "../../src/changes/logged-set.ts";
import { publish } from "../../src/cli/publishing/publish.ts";
import { verified } from "../../src/cli/publishing/verified-file.ts";
import { factsOfInfo } from "../../src/publication/facts-of-info.ts";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { build } from "../../src/train/build/build-inlined.ts";
import { memoryStore } from "../cli/publishing/memory-store.ts";
import { memorySegments } from "../live/log/memory-segments.ts";
import { randomRows } from "../train/rows.ts";

const [COUNT, DIM] = [300, 8];

/** What a bucket holds: a version "old", and a log of two sets of which it has none. */
export interface PublishedOld {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly sets: readonly Uint8Array[];
  readonly values: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

export async function publishedOld(): Promise<PublishedOld> {
  const labels = Array.from({ length: COUNT }, (_, id) => `item ${id}`);
  const table = { data: randomRows(COUNT * DIM, 1), shape: [COUNT, DIM] } as const;
  const file = await build(table, { labels, fineCodes: true, bias: randomRows(COUNT, 2), space: "words-1" });
  const [store, segments] = [memoryStore(), memorySegments()];
  const { bytes, info } = await verified(file);
  await publish(store, "words/current.json", bytes, { version: "old", facts: factsOfInfo(info) });
  const log = new SegmentLog(segments, "words/log/");
  const upserts = (names: string[], seed: number) => ({
    ...{ labels: names, rows: randomRows(names.length * DIM, seed), biases: names.map(() => 0.5) },
  });
  const sets = [
    encodeLoggedSet({ upserts: upserts(["a", "item 3"], 4) }),
    encodeLoggedSet({ upserts: upserts(["b"], 5), removals: ["a", "item 9"] }),
  ];
  for (const set of sets) await log.append(set);
  const values = new Map([...store.values, ...segments.values] as [string, Uint8Array<ArrayBuffer>][]);
  return { file, sets, values };
}
