import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import type { Publication, Publisher } from "../../../worker/publication/publication.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { homeKey, MAX_POINTER_BYTES, type Pointer, pointerIn, versionKey } from "../../publication/pointer.ts";
import { readPart } from "../../publication/publishing/parts.ts";
import { expectFile } from "../files/file-kind.ts";
import { expectKinds, kindOfFile } from "../files/foreign-files.ts";
import { naming } from "../files/input-file.ts";
import { folderStore } from "../publishing/folder-store.ts";
import { readFirst } from "../publishing/read-first.ts";

/** The tag of an index file, which is read once. */
const FILE = "file";

/** Tells a pointer from an index file by its first bytes, since either may have any name. */
export async function isPointerFile(path: string): Promise<boolean> {
  const found = await kindOfFile(path);
  return found?.kind === "pointer" || found?.kind === "json"; // a damaged pointer is one, too
}

/** Throws where there is no file at the path of an index file or of a pointer, or one that is neither. */
export async function expectPublished(path: string): Promise<void> {
  requireThere(path);
  await naming(path, () => expectFile(path));
  await expectKinds(path, ["pointer", "json", "index", "model"]);
}

/** A publication may still come to a path with the name of a pointer. */
function requireThere(path: string): void {
  if (path.endsWith(".json") && !existsSync(path)) throw missing(path);
}

const missing = (path: string): Error => new Error(`${path} is not there: "midx publish --folder" puts an index there`);

/** The publisher of an index file, or of the file that a pointer beside its parts names, which differs after a publication. */
export const publishedFile = (path: string): Publisher => ({
  async look(known) {
    if (known === FILE) return undefined;
    requireThere(path);
    await expectFile(path);
    // A file that was a pointer is read as one, although it may be half-written while somebody replaces it.
    if (known !== undefined || (await isPointerFile(path))) return publicationAt(path, path, known);
    const open = () => Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    return { tag: FILE, version: undefined, open };
  },
});

/** The publication of the pointer at `at`: the path itself, or a version of it. */
async function publicationAt(path: string, at: string, known?: string): Promise<Publication | undefined> {
  const bytes = await naming(at, () => readFirst(at, MAX_POINTER_BYTES + 1));
  if (!bytes) throw missing(at);
  const tag = new TextDecoder().decode(bytes);
  if (tag === known) return undefined;
  const pointer = await naming(at, async () => pointerIn(bytes));
  const { version, sha256: file, facts, contract, sequence, previous, canary } = pointer;
  const home = homeKey(path, version);
  const ofVersion = (name: string) => () => publicationAt(home, join(dirname(home), versionKey("", name)));
  return {
    tag,
    version,
    facts,
    contract,
    sequence,
    file,
    open: () => Readable.toWeb(Readable.from(partsOf(home, pointer))) as ReadableStream<Uint8Array>,
    canary: canary && { share: canary.share, look: ofVersion(canary.version) },
    previous: previous === undefined ? undefined : ofVersion(previous),
  };
}

/** Reads the parts of a file in their order, and fails at its end if it is not the file of the pointer. */
async function* partsOf(path: string, { parts, sha256 }: Pointer): AsyncGenerator<Uint8Array> {
  const store = folderStore(dirname(path));
  const hash = createHash("sha256");
  for (const part of parts) {
    const bytes = await readPart(store, basename(path), part);
    hash.update(bytes);
    yield bytes;
  }
  const found = hash.digest("hex");
  if (found !== sha256) throw new FormatError("sha256", 0, `the file expected SHA-256 ${sha256}, got ${found}`);
}
