import { sha256Of } from "./memory-store.ts";

/** The publication that a reader of a pointer sees. */
export interface ReadVersion {
  readonly version: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads a publication in the format of pointer.ts, with JSON and hashes only. Returns undefined if there is none.
 *
 * @throws Error if a part is missing or differs from the pointer
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
