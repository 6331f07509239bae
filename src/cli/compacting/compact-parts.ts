import { tmpdir } from "node:os";
import type { ChangeLog } from "../../publication/change-log.ts";
import { type Manifest, type ManifestPart, sealManifest } from "../../publication/manifest.ts";
import { refuseDuringCanary } from "../../publication/publishing/canary.ts";
import { type ReadPointer, sequenceOf } from "../../publication/publishing/current.ts";
import { pointerOf } from "../../publication/publishing/pointer-of-part.ts";
import { readFile } from "../../publication/publishing/single-file.ts";
import { setsBehind } from "../../train/compaction/log-sets.ts";
import { loggedChanges } from "../../train/compaction/parts/changes-by-part.ts";
import { compactParts, type PartsReport } from "../../train/compaction/parts/compact-parts.ts";
import type { PartFiles } from "../../train/compaction/parts/parts-tools.ts";
import { inTemporaryFolder, placing } from "../process/placing.ts";
import { publishManifest } from "../publishing/publish-manifest.ts";
import type { Store } from "../publishing/store.ts";
import { verified } from "../publishing/verified-file.ts";
import { openScratch, type ScratchFile } from "../scratch/scratch-file.ts";
import { withQueries } from "./measure-options.ts";
import { partsTools } from "./parts-tools.ts";
import type { CompactPublishedOptions } from "./published-options.ts";

/** A compacted manifest, or the present one if it has all changes. */
export interface CompactedManifest {
  readonly outcome: "published" | "current";
  readonly pointer: Manifest;
  readonly report?: PartsReport;
}

/**
 * Compacts those parts of the published manifest that have changes in the log, and publishes a manifest of them and of the
 * other parts, which stay as they are. One part is in memory at a time; compacted ones wait in files without a name.
 */
export async function compactPublishedParts(
  store: Store,
  pointerKey: string,
  before: ReadPointer & { readonly pointer: Manifest },
  log: ChangeLog,
  { compact, room: _, version, ...publishing }: CompactPublishedOptions,
): Promise<CompactedManifest> {
  const manifest = before.pointer;
  const behind = await setsBehind(log, sequenceOf(manifest));
  if (behind.sequence === sequenceOf(manifest)) return { outcome: "current", pointer: manifest };
  refuseDuringCanary(before);
  const scratch = new Map<number, ScratchFile>();
  const files: PartFiles = {
    async read(part) {
      const kept = scratch.get(part.number);
      if (!kept || isPublished(manifest, part)) {
        return readFile(store, pointerKey, await pointerOf(store, pointerKey, manifest, part));
      }
      const file = new Uint8Array(part.byteLength);
      kept.read(0, file);
      return file;
    },
    keep: (part, file) =>
      placing(inTemporaryFolder(`part ${part.number}`), () => {
        const kept = openScratch(tmpdir());
        scratch.set(part.number, kept);
        kept.write(0, file);
        return part;
      }),
  };
  const measuring = await withQueries(manifest.facts.dim, compact);
  try {
    const { made, report } = await compactParts({
      manifest,
      changes: await loggedChanges(behind),
      tools: partsTools(measuring),
      files,
      options: measuring,
      onStep: ({ phase, done, total }) => publishing.onStep({ phase, done, total }),
    });
    const sealed = await sealManifest(made);
    const published = await publishManifest(
      store,
      pointerKey,
      { manifest: sealed, readPart: async (part) => verified(await files.read(part)), openPart: files.read },
      { ...publishing, version: version ?? made.version, expected: before, isOfLog: true },
    );
    const outcome = published.outcome === "current" ? "current" : "published";
    return { outcome, pointer: published.pointer, report };
  } finally {
    for (const file of scratch.values()) file.close();
  }
}

/** Tells whether a part has its file from the published manifest. */
const isPublished = ({ parts }: Manifest, { number, sha256 }: ManifestPart): boolean =>
  parts.some((part) => part.number === number && part.sha256 === sha256);
