import { fileLabelsOf } from "../../../changes/file-labels.ts";
import type { Manifest, ManifestPart } from "../../../publication/manifest.ts";
import { readBase } from "../base-index.ts";
import type { PartFiles, PartsTools } from "./parts-tools.ts";

/** Finds those of some labels that each part has. One part is in memory at a time. */
export async function knownLabels(
  { parts }: Pick<Manifest, "parts">,
  labels: ReadonlySet<string>,
  { kernels }: PartsTools,
  { read }: Pick<PartFiles, "read">,
  onPart: (part: ManifestPart, done: number) => void,
): Promise<ReadonlySet<string>[]> {
  const train = await kernels();
  const known: ReadonlySet<string>[] = [];
  for (const [done, part] of parts.entries()) {
    onPart(part, done);
    const { facts, warm } = await readBase(await read(part), train);
    const own = fileLabelsOf(warm.labels, facts.itemCount);
    known.push(new Set([...labels].filter((label) => own.find(label) !== undefined)));
  }
  return known;
}
