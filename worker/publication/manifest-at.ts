import { readAtMost } from "../../src/internal.ts";
import type { ClientFacts } from "../../src/publication/client-facts.ts";
import { MAX_MANIFEST_BYTES, type Manifest, type ManifestPart, manifestIn } from "../../src/publication/manifest.ts";
import { folderOf, homeKey, MAX_POINTER_BYTES, pointerIn, versionKey } from "../../src/publication/pointer.ts";
import { Problem } from "../contract/problem.ts";
import { joinParts } from "./join-parts.ts";
import type { Publication, Publisher } from "./publication.ts";
import { newText, openParts, openStored, readingAt } from "./published-at.ts";
import type { Store } from "./store.ts";

/** A manifest with its files. */
export interface PublishedManifest {
  /** The manifest. */
  readonly manifest: Manifest;
  /** Opens the file of a part. The stream fails at its end if the file is another one. */
  readonly openPart: (part: ManifestPart) => Promise<ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>>;
}

/**
 * The publisher of the manifest at a key of a store, as `midx publish` puts it there, with its parts beside it.
 *
 * @function
 * @param store the store: `inAssets`, `inBucket` or `inKeyValues`
 * @param key the key, or the path of an asset; it ends in `.json`
 * @returns a publisher, to give to `createRouter` and `createPart`
 *
 * @example
 * const manifest = (env: Env) => manifestAt(inBucket(env.INDEX), "words/current.json");
 */
export const manifestAt = (store: Store, key: string): Publisher<PublishedManifest> => ({
  look: (known) => publicationAt(store, key, key, known),
});

async function publicationAt(
  store: Store,
  key: string,
  at: string,
  known?: string,
): Promise<Publication<PublishedManifest> | undefined> {
  const remedy = ': "midx publish" of a manifest puts one there';
  const found = await newText(store, at, { known, most: MAX_MANIFEST_BYTES, remedy });
  if (!found) return undefined;
  const { tag, bytes } = found;
  const itself = at.slice(at.lastIndexOf("/") + 1);
  const manifest = await readingAt(store, at, () => manifestIn(bytes, { itself }));
  const { version, generation, contract, previous, canary } = manifest;
  const home = homeKey(key, version);
  const ofVersion = (name: string) => () => publicationAt(store, home, versionKey(home, name));
  return {
    tag,
    version,
    contract,
    facts: routedFacts(manifest),
    file: generation,
    open: () => ({ manifest, openPart: (part) => openPart(store, home, part) }),
    canary: canary && { share: canary.share, look: ofVersion(canary.version) },
    previous: previous === undefined ? undefined : ofVersion(previous),
  };
}

/** The facts on which clients of a router depend. */
export const routedFacts = ({ classes, facts }: Manifest): ClientFacts => ({ itemCount: classes, ...facts });

/** Opens the file of a part, which is beside the manifest at `key` or has a pointer there. */
async function openPart(store: Store, key: string, part: ManifestPart): Promise<ReadableStream<Uint8Array>> {
  const folder = folderOf(key);
  if (part.file !== undefined) {
    const { sha256, byteLength, file } = part;
    const whole = { sha256, byteLength };
    return joinParts({ sha256, parts: [whole] }, async () => (await openStored(store, folder + file)).body);
  }
  const at = folder + part.pointer;
  const found = await openStored(store, at);
  const bytes = await readAtMost(found.body, MAX_POINTER_BYTES);
  const pointer = await readingAt(store, at, () => pointerIn(bytes));
  if (pointer.sha256 === part.sha256) return openParts(store, key, pointer);
  const expected = `part ${part.number} expected a pointer to the file ${part.sha256}`;
  throw new Problem("index_invalid", `${expected}, got one to ${pointer.sha256}: publish the manifest again`);
}
