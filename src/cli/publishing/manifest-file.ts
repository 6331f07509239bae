import { basename, dirname, join } from "node:path";
import { FormatError } from "../../bytes/format-error.ts";
import { sha256 } from "../../bytes/sha256.ts";
import type { IndexInfo } from "../../index/info.ts";
import {
  isManifestText,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type ManifestPart,
  manifestIn,
} from "../../publication/manifest.ts";
import { MAX_POINTER_BYTES, pointerIn } from "../../publication/pointer.ts";
import { naming } from "../files/input-file.ts";
import { folderStore } from "./folder-store.ts";
import { loadAsWorker } from "./load-as-worker.ts";
import { readPart } from "./parts.ts";
import type { FilesOfManifest } from "./publish-manifest.ts";
import { readFirst } from "./read-first.ts";
import { readVerified, type VerifiedFile } from "./verified-file.ts";

/** The bytes by which a manifest is recognised. */
const START_BYTES = 64;

/** Reads a manifest. Undefined if the file is something else, or if there is no regular file. */
export async function readManifestFile(path: string): Promise<Manifest | undefined> {
  const start = await readFirst(path, START_BYTES).catch(() => undefined); // what reads it next says what is wrong
  if (!start || !isManifestText(new TextDecoder().decode(start))) return undefined;
  return naming(path, async () => {
    const bytes = (await readFirst(path, MAX_MANIFEST_BYTES + 1)) as Uint8Array;
    return manifestIn(bytes, { itself: basename(path) });
  });
}

/** Returns a manifest with a reader of its parts, which lie beside it. */
export function filesOf(path: string, manifest: Manifest): FilesOfManifest {
  const folder = dirname(path);
  return {
    manifest,
    async readPart(part) {
      const file =
        part.file === undefined ? await readPublished(folder, part) : await readVerified(join(folder, part.file));
      await naming(path, () => checkPart(manifest, part, file));
      return file;
    },
  };
}

/** Reads a part that was published in a folder, in pieces. */
async function readPublished(folder: string, { pointer = "", sha256: expected }: ManifestPart): Promise<VerifiedFile> {
  const path = join(folder, pointer);
  return naming(path, async () => {
    const text = await readFirst(path, MAX_POINTER_BYTES + 1);
    if (!text) throw new FormatError("manifest", 0, "the pointer of a part is missing");
    const { parts, byteLength, sha256: found } = pointerIn(text);
    if (found !== expected) throw new FormatError("manifest", 0, `"sha256" expected ${expected}, got ${found}`);
    const store = folderStore(folder);
    const bytes = new Uint8Array(byteLength);
    let at = 0;
    for (const piece of parts) {
      bytes.set(await readPart(store, "", piece), at);
      at += piece.byteLength;
    }
    const index = await loadAsWorker(bytes);
    const { info } = index;
    index.dispose();
    return { bytes, info };
  });
}

/** Throws a FormatError that names the field of the manifest that its file contradicts. */
async function checkPart(manifest: Manifest, part: ManifestPart, { bytes, info }: VerifiedFile): Promise<void> {
  const at = `parts[${manifest.parts.indexOf(part)}]`;
  const { facts } = manifest;
  const stated: [field: string, stated: unknown, found: unknown][] = [
    [`${at}.sha256`, part.sha256, await sha256(bytes)],
    [`${at}.byteLength`, part.byteLength, bytes.byteLength],
    [`${at}.classes`, part.classes, info.itemCount],
    [`${at}.memoryBytes`, part.memoryBytes, info.memoryBytes],
    ...factsOf(info).map(([name, found]): [string, unknown, unknown] => [`facts.${name}`, facts[name], found]),
  ];
  for (const [field, expected, found] of stated) {
    if (expected === found) continue;
    const place = part.file ?? part.pointer;
    throw new FormatError("manifest", 0, `the manifest: "${field}" states ${expected}, but ${place} has ${found}`);
  }
}

const factsOf = ({ dim, metric, hasLabels }: IndexInfo) =>
  [
    ["dim", dim],
    ["metric", metric],
    ["hasLabels", hasLabels],
  ] as const;
