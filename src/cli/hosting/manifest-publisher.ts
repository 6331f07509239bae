import { dirname, join } from "node:path";
import { type PublishedManifest, routedFacts } from "../../../worker/publication/manifest-at.ts";
import type { Publication, Publisher } from "../../../worker/publication/publication.ts";
import type { Manifest } from "../../publication/manifest.ts";
import { versionKey } from "../../publication/pointer.ts";
import { filesOf, readManifestFile } from "../publishing/manifest-file.ts";

/**
 * The publisher of a manifest that is a file. A build or a publication replaces the file, and the next look finds another
 * generation.
 */
export const manifestFile = (path: string): Publisher<PublishedManifest> => ({
  async look(known) {
    const manifest = await readManifestFile(path);
    if (!manifest) throw new Error(`${path} is not a manifest any more`);
    return manifest.generation === known ? undefined : publicationOf(path, path, manifest);
  },
});

/** The publication of a manifest that was read at `at`: at the path itself, or beside it as a version. */
function publicationOf(path: string, at: string, manifest: Manifest): Publication<PublishedManifest> {
  const { generation, version, contract, previous, log } = manifest;
  return {
    ...{ tag: generation, version, contract, facts: routedFacts(manifest), sequence: log?.sequence },
    open: () => filesOf(path, manifest),
    previous: previous === undefined ? undefined : () => publicationBefore(path, at, previous),
  };
}

async function publicationBefore(
  path: string,
  at: string,
  version: string,
): Promise<Publication<PublishedManifest> | undefined> {
  const before = join(dirname(path), versionKey("", version));
  const manifest = before === at ? undefined : await readManifestFile(before);
  return manifest && publicationOf(path, before, manifest);
}
