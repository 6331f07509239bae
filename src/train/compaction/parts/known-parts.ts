import { xxh64 } from "../../../arithmetic/xxh64.ts";
import { type FileLabels, fileLabelsOf } from "../../../changes/file-labels.ts";
import { parse, type TensorPlace } from "../../../format/header.ts";
import type { Manifest, ManifestPart } from "../../../publication/manifest.ts";
import type { PartFiles } from "./parts-tools.ts";

/** Finds those of some labels that each part has. One part is in memory at a time, and no index of it. */
export async function knownLabels(
  { parts }: Pick<Manifest, "parts">,
  labels: ReadonlySet<string>,
  { read }: Pick<PartFiles, "read">,
  onPart: (part: ManifestPart, done: number) => void,
): Promise<ReadonlySet<string>[]> {
  const known: ReadonlySet<string>[] = [];
  for (const [done, part] of parts.entries()) {
    onPart(part, done);
    const own = labelsIn(await read(part));
    known.push(new Set([...labels].filter((label) => own.find(label) !== undefined)));
  }
  return known;
}

/** Reads the labels of a file in place. Its bytes have the hash that its manifest states, so only its header is checked. */
function labelsIn(file: Uint8Array): FileLabels {
  const { facts, tensors } = parse(file, file.byteLength, xxh64);
  const { itemCount, labelBytes } = facts;
  const at = (name: "labelOffsets" | "labelOrder" | "labelText"): number =>
    file.byteOffset + (tensors[name] as TensorPlace).begin;
  const table = {
    offsets: new Int32Array(file.buffer, at("labelOffsets"), itemCount + 1),
    order: new Int32Array(file.buffer, at("labelOrder"), itemCount),
    text: new Uint8Array(file.buffer, at("labelText"), labelBytes),
  };
  return fileLabelsOf(table, itemCount);
}
