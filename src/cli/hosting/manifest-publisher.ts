import { dirname, join } from "node:path";
import { type PublishedManifest, routedFacts } from "../../../worker/publication/manifest-at.ts";
import type { Publication, Publisher } from "../../../worker/publication/publication.ts";
import type { Manifest } from "../../publication/manifest.ts";
import { homeKey, versionKey } from "../../publication/pointer.ts";
import { isSystemError, systemMessage } from "../process/system-error.ts";
import { filesOf, readManifestFile } from "../publishing/manifest-file.ts";

/**
 * The publisher of a manifest that is a file. A build or a publication replaces the file, and the next look finds another
 * generation.
 */
export const manifestFile = (path: string): Publisher<PublishedManifest> => ({
  async look(known) {
    const manifest = await readManifestFile(path);
    if (!manifest) throw new Error(`${path} is not a manifest any more`);
    return tagOf(manifest) === known ? undefined : publicationOf(path, manifest);
  },
});

/** The publication of a manifest that was read at `at`: the current one, its canary, or the one that was published before it. */
function publicationOf(at: string, manifest: Manifest): Publication<PublishedManifest> {
  const { generation, version, contract, previous, canary, log } = manifest;
  const ofVersion = (name: string) => async (): Promise<Publication<PublishedManifest> | undefined> => {
    const own = join(dirname(homeKey(at, version)), versionKey("", name));
    const found = await readManifestFile(own);
    return found && publicationOf(own, found);
  };
  const facts = { version, contract, facts: routedFacts(manifest), sequence: log?.sequence };
  return {
    tag: tagOf(manifest),
    ...facts,
    file: generation,
    open: () => told(filesOf(at, manifest)),
    canary: canary && { share: canary.share, look: ofVersion(canary.version) },
    previous: previous === undefined ? undefined : ofVersion(previous),
  };
}

/** Errors of parts are answers of a service, too, so they say what the system means. */
function told({ manifest, openPart }: PublishedManifest): PublishedManifest {
  const open: PublishedManifest["openPart"] = async (part) => {
    try {
      return await openPart(part);
    } catch (error) {
      throw isSystemError(error) ? new Error(systemMessage(error), { cause: error }) : error;
    }
  };
  return { manifest, openPart: open };
}

/** A canary changes the manifest, and not its generation. */
const tagOf = ({ generation, canary }: Manifest): string =>
  canary ? `${generation} ${canary.version} ${canary.share}` : generation;
