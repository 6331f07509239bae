import { changeSetOf } from "../../../src/changes/change-set-of.ts";
import { applyChanges } from "../../../src/changes/index.ts";
import { decodeLoggedSet } from "../../../src/changes/logged-set.ts";
import { publishManifest } from "../../../src/cli/publishing/publish-manifest.ts";
import type { Store } from "../../../src/cli/publishing/store.ts";
import { verified } from "../../../src/cli/publishing/verified-file.ts";
import { load, type MultiIndex } from "../../../src/index.ts";
import { PartedIndex, partOf } from "../../../src/parts/index.ts";
import type { ChangeLog } from "../../../src/publication/change-log.ts";
import type { Manifest } from "../../../src/publication/manifest.ts";
import { readPointer } from "../../../src/publication/publishing/current.ts";
import { pointerOf } from "../../../src/publication/publishing/pointer-of-part.ts";
import { readFile } from "../../../src/publication/publishing/single-file.ts";
import { type PartedFiles, queryOf } from "../../router/parted-files.ts";
import { POINTER } from "../publishing/compacting.ts";

/** Publishes a manifest of parts under its own version. */
export async function publishParts(store: Store, { manifest, files }: PartedFiles): Promise<void> {
  const bytesOf = (number: number) => files[number] as Uint8Array<ArrayBuffer>;
  await publishManifest(
    store,
    POINTER,
    {
      manifest,
      readPart: ({ number }) => verified(bytesOf(number)),
      openPart: async ({ number }) => bytesOf(number),
    },
    { version: manifest.version, isForced: true },
  );
}

/** The published version, loaded with the changes of the log behind it. */
export interface LoadedParts {
  readonly manifest: Manifest;
  readonly files: readonly Uint8Array[];
  readonly indexes: readonly MultiIndex[];
  readonly parted: PartedIndex;
}

/** Reads the published version as a service does: all parts, and the changes of the log behind their number. */
export async function loadPublished(store: Store, log?: ChangeLog): Promise<LoadedParts> {
  const manifest = (await readPointer(store, POINTER))?.pointer as Manifest;
  const files: Uint8Array[] = [];
  const indexes: MultiIndex[] = [];
  for (const part of manifest.parts) {
    const file = await readFile(store, POINTER, await pointerOf(store, POINTER, manifest, part));
    files.push(file);
    indexes.push(await load(file, { maxDelta: 20 }));
  }
  const parted = new PartedIndex(indexes.map((index, number) => partOf(index, { number })));
  const after = manifest.log?.sequence ?? 0;
  for (const { sequence, bytes } of (await log?.read(after))?.sets ?? []) {
    applyChanges(parted, changeSetOf(decodeLoggedSet(bytes), indexes[0]?.info ?? {}), { sequence });
  }
  return { manifest, files, indexes, parted };
}

/** The exact scores of all classes by their labels, best first, and log Z. */
export async function answersOf({ parted }: Pick<LoadedParts, "parted">) {
  const { ids, scores } = await parted.topK(queryOf(1), 200, { exact: true });
  const labels = await parted.labels(ids);
  const { logPartition } = await parted.logPartition(queryOf(1), { exact: true });
  return { logPartition, scores: new Map(labels.map((label, i) => [label, scores[i] as number])) };
}
