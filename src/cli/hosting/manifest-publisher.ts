import { dirname, join } from "node:path";
import { type PublishedManifest, routedFacts } from "../../../worker/publication/manifest-at.ts";
import type { Publication, Publisher } from "../../../worker/publication/publication.ts";
import type { Manifest } from "../../publication/manifest.ts";
import { homeKey, versionKey } from "../../publication/pointer.ts";
import { filesOf, readManifestFile } from "../publishing/manifest-file.ts";

/**
 * The publisher of a manifest that is a file. A build or a publication replaces the file, and the next look finds another
 * generation.
 */
export const manifestFile = (path: string): Publisher<PublishedManifest> => ({
  async look(known) {
    const manifest = await readManifestFile(path);
    if (!manifest) throw new Error(`${path} is not a manifest any more`);
    return manifest.generation === known ? undefined : publicationOf(path, manifest);
  },
});

/** The publication of a manifest that was read at `at`: the current one, or one that was published before it. */
function publicationOf(at: string, manifest: Manifest): Publication<PublishedManifest> {
  const { generation, version, contract, previous, log } = manifest;
  const before = previous === undefined ? at : join(dirname(homeKey(at, version)), versionKey("", previous));
  return {
    ...{ tag: generation, version, contract, facts: routedFacts(manifest), sequence: log?.sequence },
    open: () => filesOf(at, manifest),
    previous: before === at ? undefined : () => publicationBefore(before),
  };
}

async function publicationBefore(at: string): Promise<Publication<PublishedManifest> | undefined> {
  const manifest = await readManifestFile(at);
  return manifest && publicationOf(at, manifest);
}
