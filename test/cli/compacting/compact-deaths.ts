import { expect } from "vitest";
import { changeSetOf } from "../../../src/changes/change-set-of.ts";
import { applyChanges } from "../../../src/changes/index.ts";
import { decodeLoggedSet, encodeLoggedSet } from "../../../src/changes/logged-set.ts";
import { namedKeys } from "../../../src/cli/publishing/named-keys.ts";
import { prune } from "../../../src/cli/publishing/prune.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { rollback } from "../../../src/cli/publishing/rollback.ts";
import type { Store } from "../../../src/cli/publishing/store.ts";
import { verified } from "../../../src/cli/publishing/verified-file.ts";
import { load } from "../../../src/index.ts";
import type { ChangeLog } from "../../../src/publication/change-log.ts";
import { factsOfInfo } from "../../../src/publication/facts-of-info.ts";
import { sealManifest } from "../../../src/publication/manifest.ts";
import { type Published as Current, readPointer, sequenceOf } from "../../../src/publication/publishing/current.ts";
import { type PartedFiles, partedFiles, queryOf } from "../../router/parted-files.ts";
import { randomRows } from "../../train/rows.ts";
import { compactTo, LOG, POINTER } from "../publishing/compacting.ts";
import { readPublished } from "../publishing/reader.ts";
import { answersOf, loadPublished, publishParts } from "./compacted-parts.ts";

/** The change that the version "old" has already, so that a log behind "new" is trimmed of it. */
const OLD_SEQUENCE = 1;
const building = partedFiles({ version: "old", seed: 5, sizes: [30, 20, 25], hasLabels: true });

const upserts = (seed: number, ...labels: string[]) => ({
  ...{ labels, rows: randomRows(labels.length * 8, seed), biases: Array.from(randomRows(labels.length, seed + 1)) },
});
/** Their labels are those of the first and the last part. */
const SETS: readonly Uint8Array[] = [
  encodeLoggedSet({ removals: ["nobody"] }),
  encodeLoggedSet({ upserts: upserts(2, "a", "class 3") }),
  encodeLoggedSet({ upserts: upserts(3, "b"), removals: ["a", "class 9"] }),
];

/** What is published, and how a reader opens it. */
export interface Published {
  readonly publishOld: (store: Store, files: PartedFiles) => Promise<void>;
  /** The exact scores of all classes by label, of the published version and the log behind it. */
  readonly scoresOf: (store: Store, log: ChangeLog) => Promise<ReadonlyMap<string, number>>;
}

/** The same classes in one file, and in parts. */
export const PUBLISHED: Readonly<Record<string, Published>> = {
  "one file": {
    async publishOld(store, { whole }) {
      const { bytes, info } = await verified(whole);
      await publish(store, POINTER, bytes, { version: "old", facts: factsOfInfo(info), sequence: OLD_SEQUENCE });
    },
    async scoresOf(store, log) {
      const found = await readPublished(async (key) => (await store.get(key))?.bytes, POINTER);
      const index = await load(found?.bytes as Uint8Array, { maxDelta: 10 });
      for (const { sequence, bytes } of (await log.read(sequenceOf(await currentIn(store)))).sets) {
        applyChanges(index, changeSetOf(decodeLoggedSet(bytes), index.info), { sequence });
      }
      const { ids, scores } = index.topK(queryOf(1), 200, { exact: true });
      return new Map(index.labels(ids).map((label, i) => [label, scores[i] as number]));
    },
  },
  parts: {
    async publishOld(store, { manifest: { generation: _, ...manifest }, files, whole }) {
      const ofLog = await sealManifest({ ...manifest, log: { sequence: OLD_SEQUENCE } });
      await publishParts(store, { manifest: ofLog, files, whole });
    },
    scoresOf: async (store, log) => (await answersOf(await loadPublished(store, log))).scores,
  },
};

async function currentIn(store: Store): Promise<Current> {
  const found = await readPointer(store, POINTER);
  if (!found) throw new Error("nothing is published");
  return found.pointer;
}

/** A publication and its log, with which compactors die. */
export interface Scene {
  readonly store: Store;
  readonly log: ChangeLog;
  /** The hashes of all that the store and the log keep, by key. What a later command removes is gone before. */
  readonly kept: () => Promise<ReadonlyMap<string, string>>;
}

/** Deaths of compactors over publications of one kind. */
export class Deaths<Own extends Scene = Scene> {
  readonly #published: Published;
  readonly #open: () => Own;
  #expected: { readonly scores: ReadonlyMap<string, number>; readonly kept: ReadonlyMap<string, string> } | undefined;

  constructor(published: Published, open: () => Own) {
    this.#published = published;
    this.#open = open;
  }

  /** Publishes the version "old", and appends changes to the log, of which "old" has one. */
  async begin(): Promise<Own> {
    const scene = this.#open();
    await this.#published.publishOld(scene.store, await building);
    for (const set of SETS) await scene.log.append(set);
    return scene;
  }

  /**
   * Checks what a compactor leaves that died: one whole version with all answers, from which another compactor goes on to what one
   * leaves that never died. Returns the name of the version.
   */
  async expectWhole(scene: Scene): Promise<string> {
    this.#expected ??= await this.#withoutDeath();
    const { store, log, kept } = scene;
    const { scores, kept: keptWithoutDeath } = this.#expected;
    const { version } = await currentIn(store);
    expect(["old", "new"]).toContain(version);
    expect(await this.#published.scoresOf(store, log)).toEqual(scores);
    await compactTo(store, log);
    expect([(await currentIn(store)).version, await this.#published.scoresOf(store, log)]).toEqual(["new", scores]);
    await prune(store, POINTER, { keep: 1, graceSeconds: 0 });
    expect(withoutTimes(await kept())).toEqual(keptWithoutDeath);
    await rollback(store, POINTER);
    expect([(await currentIn(store)).version, await this.#published.scoresOf(store, log)]).toEqual(["old", scores]);
    return version;
  }

  async #withoutDeath() {
    const { store, log, kept } = await this.begin();
    const scores = await this.#published.scoresOf(store, log);
    expect(await compactTo(store, log)).toMatchObject({ outcome: "published", trimmed: OLD_SEQUENCE });
    await prune(store, POINTER, { keep: 1, graceSeconds: 0 });
    const { keys } = await namedKeys(store, POINTER, 1);
    const all = withoutTimes(await kept());
    const published = [...all.keys()].filter((key) => /^words\/(versions|parts)\//.test(key));
    expect(published.sort()).toEqual([...keys].map((key) => `words/${key}`).sort());
    return { scores, kept: all };
  }
}

/** Leaves out the hashes of the log, whose values say when they were written. */
const withoutTimes = (kept: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map(Array.from(kept, ([key, hash]) => [key, key.startsWith(LOG) ? "" : hash]));
