import { sha256 } from "../../src/bytes/sha256.ts";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import { type ManifestPart, sealManifest } from "../../src/publication/manifest.ts";
import { compact } from "../../src/train/compaction/index.ts";
import { setsBehind } from "../../src/train/compaction/log-sets.ts";
import { loggedChanges } from "../../src/train/compaction/parts/changes-by-part.ts";
import { compactParts } from "../../src/train/compaction/parts/compact-parts.ts";
import { carriedMeasures } from "../../src/train/compaction/parts/parts-tools.ts";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { Publication } from "../../worker/publication/publication.ts";
import { open } from "../fixtures/open.ts";
import { published } from "./live-service.ts";

/** Compacts an index file and the changes of a log behind it. */
export async function compactedFile(
  { sequence: after = 0, open: opened }: Publication,
  version: string,
  log: ChangeLog,
): Promise<Publication> {
  const { sequence, sets } = await setsBehind(log, after);
  const { file } = await compact((await opened()) as Uint8Array, sets, { calibrate: "carry", sequence });
  return published(file, version, sequence);
}

/** Compacts the parts of a manifest that have changes in a log behind it. */
export async function compactedParts(
  { sequence: after = 0, open: opened }: Publication<PublishedManifest>,
  version: string,
  log: ChangeLog,
): Promise<Publication<PublishedManifest>> {
  const behind = await setsBehind(log, after);
  const { manifest, openPart } = await opened();
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const part of manifest.parts) files.set(part.sha256, (await openPart(part)) as Uint8Array<ArrayBuffer>);
  const fileOf = async ({ sha256: digest }: ManifestPart) => files.get(digest) as Uint8Array<ArrayBuffer>;
  const { made } = await compactParts({
    ...{ manifest, changes: await loggedChanges(behind), options: { calibrate: "carry" } },
    tools: {
      compact,
      describe: async (file) => (await open(file)).index.info,
      measure: (_, older) => carriedMeasures(older),
    },
    files: {
      read: fileOf,
      async keep(part, file) {
        files.set(await sha256(file), file);
        return part;
      },
    },
  });
  const next = await sealManifest({ ...made, version });
  const { sequence } = behind;
  return { tag: version, version, sequence, open: () => ({ manifest: next, openPart: fileOf }) };
}
