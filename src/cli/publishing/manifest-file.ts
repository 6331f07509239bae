import { basename, dirname, join } from "node:path";
import { workerBytes } from "../../../worker/host/worker-bytes.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { sha256 } from "../../bytes/sha256.ts";
import type { IndexHeader } from "../../format/header.ts";
import { headerIn } from "../../format/header-in.ts";
import {
  isManifestText,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type ManifestPart,
  manifestIn,
} from "../../publication/manifest.ts";
import { homeKey, MAX_POINTER_BYTES, pointerIn } from "../../publication/pointer.ts";
import { readPart } from "../../publication/publishing/parts.ts";
import { asIndex } from "../files/foreign-files.ts";
import { naming } from "../files/input-file.ts";
import { readIndexFile } from "../files/stated-bytes.ts";
import { isRemote } from "../remote/address.ts";
import type { OpenRemote } from "../remote/remote-files.ts";
import { folderStore } from "./folder-store.ts";
import type { FilesOfManifest } from "./publish-manifest.ts";
import { readFirst } from "./read-first.ts";
import { readRemoteManifest, readRemotePart, START_BYTES } from "./remote-manifest.ts";
import { verified } from "./verified-file.ts";

/** Reads a manifest. Undefined if the file is something else, or if there is no regular file. */
export async function readManifestFile(path: string, openRemote?: OpenRemote): Promise<Manifest | undefined> {
  if (openRemote && isRemote(path)) return readRemoteManifest(path, openRemote);
  const start = await readFirst(path, START_BYTES).catch(() => undefined); // the next reader reports what is wrong
  if (!start || !isManifestText(new TextDecoder().decode(start))) return undefined;
  return naming(path, async () => {
    const bytes = (await readFirst(path, MAX_MANIFEST_BYTES + 1)) as Uint8Array;
    return manifestIn(bytes, { itself: basename(path) });
  });
}

/** Returns a manifest with readers of its parts, which lie beside it, or beside the folder of a version's own manifest. */
export function filesOf(path: string, manifest: Manifest, openRemote?: OpenRemote): FilesOfManifest {
  const folder = dirname(homeKey(path, manifest.version));
  const read = async <File extends { readonly bytes: Uint8Array<ArrayBuffer> }>(
    part: ManifestPart,
    fileOf: (bytes: Uint8Array<ArrayBuffer>) => File | Promise<File>,
  ): Promise<File> => {
    const take = async (bytes: Uint8Array<ArrayBuffer>) => ({
      file: await fileOf(bytes),
      header: headerIn(bytes, bytes.byteLength),
    });
    const { file, header } =
      openRemote && isRemote(path)
        ? await readRemotePart(path, part, openRemote, take)
        : await readFrom(folder, part, take);
    await naming(path, () => checkPart(manifest, part, file.bytes, header));
    return file;
  };
  return {
    manifest,
    readPart: (part) => read(part, verified),
    openPart: async (part) => (await read(part, (bytes) => ({ bytes }))).bytes,
  };
}

/** Reads the bytes of a part that lies in a folder, and takes the wanted values from them. Errors name the file. */
function readFrom<T>(
  folder: string,
  part: ManifestPart,
  take: (bytes: Uint8Array<ArrayBuffer>) => Promise<T>,
): Promise<T> {
  const path = join(folder, part.file ?? part.pointer ?? "");
  if (part.file === undefined) return naming(path, async () => take(await readPublished(folder, path, part)));
  return asIndex(path, async () => take(await readIndexFile(path)));
}

/** Reads a part that was published in a folder, in pieces. */
async function readPublished(
  folder: string,
  path: string,
  { sha256: expected }: ManifestPart,
): Promise<Uint8Array<ArrayBuffer>> {
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
  return bytes;
}

/** Throws a FormatError that names the field of the manifest that its file contradicts. */
async function checkPart(
  manifest: Manifest,
  part: ManifestPart,
  bytes: Uint8Array<ArrayBuffer>,
  header: IndexHeader,
): Promise<void> {
  const at = `parts[${manifest.parts.indexOf(part)}]`;
  const { facts } = manifest;
  const stated: [field: string, stated: unknown, found: unknown][] = [
    [`${at}.sha256`, part.sha256, await sha256(bytes)],
    [`${at}.byteLength`, part.byteLength, bytes.byteLength],
    [`${at}.classes`, part.classes, header.facts.itemCount],
    [`${at}.memoryBytes`, part.memoryBytes, workerBytes(header)],
    ...factsOf(header.facts).map(([name, found]): [string, unknown, unknown] => [`facts.${name}`, facts[name], found]),
  ];
  for (const [field, expected, found] of stated) {
    if (expected === found) continue;
    const place = part.file ?? part.pointer;
    const problem = `"${field}" states ${expected}, but ${place} has ${found}`;
    throw new FormatError("manifest", 0, `the manifest: ${problem}: build or publish the parts again`);
  }
}

const factsOf = ({ dim, metric, hasLabels }: IndexHeader["facts"]) =>
  [
    ["dim", dim],
    ["metric", metric],
    ["hasLabels", hasLabels],
  ] as const;
