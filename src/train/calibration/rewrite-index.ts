import type { Checksum } from "../../bytes/sealed-header.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { type IndexHeader, placeTensors, serialiseIndexHeader, tensorChecksum } from "../../format/header.ts";
import type { TensorName } from "../../format/tensor-spec.ts";

export type ReplacedTensors = Readonly<Partial<Record<TensorName, Uint8Array>>>;

/**
 * Writes an index file again with other facts, in the newest format. The tensors in `replaced` are new or changed. All others
 * are those of `file`, byte for byte, at their new places.
 */
export function rewriteIndex(
  file: Uint8Array,
  { tensors }: IndexHeader,
  facts: IndexFacts,
  replaced: ReplacedTensors,
  checksum: Checksum,
): Uint8Array<ArrayBuffer> {
  const { places, fileBytes } = placeTensors(facts);
  const written = new Uint8Array(fileBytes);
  const checksums: Partial<Record<TensorName, bigint>> = {};
  for (const { name, begin, end } of places) {
    const old = tensors[name];
    const bytes = replaced[name] ?? (old && file.subarray(old.begin, old.end));
    if (bytes === undefined || bytes.byteLength > end - begin) throw new Error(`"${name}" has no bytes of its size`);
    written.set(bytes, begin);
    checksums[name] = tensorChecksum(checksum, name, begin, written.subarray(begin, end));
  }
  written.set(serialiseIndexHeader(facts, checksums, checksum));
  return written;
}

/** Returns the changes that writing tensors makes to a file which has room for them. */
export function tensorPatches(
  { facts, tensors, checksums }: IndexHeader,
  checksum: Checksum,
  replaced: ReplacedTensors,
): { readonly position: number; readonly bytes: Uint8Array }[] {
  const changed = { ...checksums };
  const patches = (Object.entries(replaced) as [TensorName, Uint8Array][]).map(([name, bytes]) => {
    const { begin } = tensors[name] as { begin: number };
    changed[name] = tensorChecksum(checksum, name, begin, bytes);
    return { position: begin, bytes };
  });
  return [...patches, { position: 0, bytes: serialiseIndexHeader(facts, changed, checksum) }];
}
