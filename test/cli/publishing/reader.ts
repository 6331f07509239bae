import { sha256Of } from "./memory-store.ts";

/** What a reader of a pointer has. */
export interface ReadVersion {
  readonly version: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads what is published as pointer.ts says, by JSON and hashes alone; undefined where nothing is.
 *
 * @throws Error where anything of it is not there, or is not what the pointer says
 */
export async function readPublished(
  get: (key: string) => Promise<Uint8Array | undefined>,
  pointerKey: string,
): Promise<ReadVersion | undefined> {
  const pointer = await get(pointerKey);
  if (!pointer) return undefined;
  const { version, sha256, byteLength, parts } = JSON.parse(Buffer.from(pointer).toString());
  const folder = pointerKey.slice(0, pointerKey.lastIndexOf("/") + 1);
  const pieces: Uint8Array[] = [];
  for (const part of parts) {
    const piece = await get(`${folder}parts/${part.sha256}`);
    if (!piece) throw new Error(`${version} has no part ${part.sha256}`);
    if (piece.byteLength !== part.byteLength || sha256Of(piece) !== part.sha256) {
      throw new Error(`${version} has another part ${part.sha256}`);
    }
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  if (bytes.byteLength !== byteLength || sha256Of(bytes) !== sha256) throw new Error(`${version} is another file`);
  return { version, bytes };
}
