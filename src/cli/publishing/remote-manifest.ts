import { FormatError } from "../../bytes/format-error.ts";
import {
  isManifestText,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type ManifestPart,
  manifestIn,
} from "../../publication/manifest.ts";
import { naming } from "../files/input-file.ts";
import { shownPath } from "../remote/address.ts";
import type { RangedFile } from "../remote/ranged-file.ts";
import type { OpenRemote } from "../remote/remote-files.ts";

/** Reads a manifest at a URL. Undefined if something else is there. */
export const readRemoteManifest = (url: string, openRemote: OpenRemote): Promise<Manifest | undefined> =>
  naming(shownPath(url), () =>
    using(openRemote(url), async (file) => {
      const bytes = await file.read(0, Math.min(file.byteLength, MAX_MANIFEST_BYTES + 1));
      if (!isManifestText(new TextDecoder().decode(bytes.subarray(0, START_BYTES)))) return undefined;
      return manifestIn(bytes, { itself: file.path.slice(file.path.lastIndexOf("/") + 1) });
    }),
  );

/** The bytes by which a manifest is recognised. */
export const START_BYTES = 64;

/** Reads a part that lies beside its manifest at a URL, and takes the wanted values from it. Errors name the part. */
export async function readRemotePart<T>(
  url: string,
  { file: name, byteLength }: ManifestPart,
  openRemote: OpenRemote,
  take: (bytes: Uint8Array<ArrayBuffer>) => Promise<T>,
): Promise<T> {
  if (name === undefined) {
    throw new RangeError(`${shownPath(url)} is a published manifest: download it with its parts first`);
  }
  return using(openRemote(url), (manifest) =>
    using(manifest.openBeside(name), (file) =>
      naming(file.path, async () => {
        if (file.byteLength === byteLength) return take(await file.read(0, byteLength));
        const problem = `it has ${file.byteLength} bytes, and the manifest states ${byteLength}`;
        throw new FormatError("manifest", 0, problem);
      }),
    ),
  );
}

async function using<T>(opening: Promise<RangedFile>, action: (file: RangedFile) => Promise<T>): Promise<T> {
  const file = await opening;
  try {
    return await action(file);
  } finally {
    await file.close();
  }
}
