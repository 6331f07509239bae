import { xxh64 } from "../../../arithmetic/xxh64.ts";
import { sha256 } from "../../../bytes/sha256.ts";
import { type FileLabels, fileLabelsOf } from "../../../changes/file-labels.ts";
import type { IndexFacts } from "../../../format/facts.ts";
import { type IndexHeader, parse, type TensorPlace } from "../../../format/header.ts";
import type { Manifest, ManifestPart } from "../../../publication/manifest.ts";
import type { PartFiles } from "./parts-tools.ts";

/** A part, as far as changes must know it. */
export interface KnownPart {
  /** Those of the named labels that it has. */
  readonly labels: ReadonlySet<string>;
  readonly facts: IndexFacts;
  readonly contentId: string;
}

/** Reads what each part knows of some labels. One part is in memory at a time, and no index of it. */
export async function readKnownParts(
  { parts }: Pick<Manifest, "parts">,
  labels: ReadonlySet<string>,
  { read }: Pick<PartFiles, "read">,
  onPart: (part: ManifestPart, done: number) => void,
): Promise<KnownPart[]> {
  const known: KnownPart[] = [];
  for (const [done, part] of parts.entries()) {
    onPart(part, done);
    const file = await read(part);
    const header = parse(file, file.byteLength, xxh64);
    const own = labelsIn(file, header);
    known.push({
      labels: new Set([...labels].filter((label) => own.find(label) !== undefined)),
      facts: header.facts,
      contentId: await sha256(file.subarray(0, header.headerBytes)),
    });
  }
  return known;
}

/** Reads the labels of a file in place. Its bytes have the hash that its manifest states, so only its header is checked. */
function labelsIn(file: Uint8Array, { facts, tensors }: IndexHeader): FileLabels {
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
