import { rmSync } from "node:fs";
import { access } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import {
  type Manifest,
  type ManifestPart,
  manifestIn,
  sealManifest,
  serialiseManifest,
} from "../../publication/manifest.ts";
import { homeKey } from "../../publication/pointer.ts";
import { without } from "../../publication/without.ts";
import { changesInFiles } from "../../train/compaction/parts/changes-in-files.ts";
import { compactParts, type PartsReport } from "../../train/compaction/parts/compact-parts.ts";
import type { PartFiles } from "../../train/compaction/parts/parts-tools.ts";
import { readChangesFiles } from "../files/changes-files.ts";
import { naming } from "../files/input-file.ts";
import { partFileName } from "../files/part-names.ts";
import { replaceFile } from "../files/replace-file.ts";
import { readIndexFile } from "../files/stated-bytes.ts";
import type { ProgressEvent } from "../output/progress.ts";
import { holdSignals } from "../process/interruption.ts";
import { filesOf, readManifestFile } from "../publishing/manifest-file.ts";
import { removeReplaced } from "../tasks/named-parts.ts";
import { filesInFolder } from "../tasks/task-files.ts";
import { type MeasureOptions, withQueries } from "./measure-options.ts";
import { partsTools } from "./parts-tools.ts";

/** A manifest, files of changes of its parts, and the manifest to write. */
export interface ManifestToCompact {
  readonly file: string;
  readonly manifest: Manifest;
  readonly changes: readonly string[];
  readonly output: string;
  readonly options: MeasureOptions;
  readonly onStep: (step: ProgressEvent) => void;
}

/**
 * Compacts those parts of a manifest that have changes in the files, writes them and a copy of the others beside the output, and
 * last the new manifest. Parts that lie there already stay as they are. One part is in memory at a time. A run that fails or is
 * interrupted removes what it has added. The parts that only an older manifest in place of the output named are removed last.
 */
export async function compactManifest(call: ManifestToCompact): Promise<PartsReport & { readonly generation: string }> {
  const { output } = call;
  const before = await readManifestFile(output).catch(() => undefined); // the parts of a damaged one cannot be found
  const { sealed, report } = await writeManifest(call);
  await removeReplaced(filesInFolder(dirname(output)), before, sealed);
  return { ...report, generation: sealed.generation };
}

async function writeManifest(
  call: ManifestToCompact,
): Promise<{ readonly sealed: Manifest; readonly report: PartsReport }> {
  const { file, manifest, output, options, onStep } = call;
  const sets = await readChangesFiles(call.changes);
  const measuring = await withQueries(manifest.facts.dim, options);
  const folder = dirname(output);
  const written = new PartsInFolder(folder);
  const hold = holdSignals(() => written.remove());
  const { openPart } = filesOf(file, manifest);
  const files: PartFiles = {
    read: async (part) => (await written.read(part)) ?? openPart(part),
    keep: (part, bytes) => written.write(part, bytes),
  };
  try {
    const { made, report } = await naming(file, () =>
      compactParts({
        manifest,
        changes: changesInFiles(sets.map(({ bytes }) => bytes)),
        files,
        options: measuring,
        onStep,
        tools: partsTools(measuring),
      }),
    );
    const isBeside = resolve(dirname(homeKey(file, manifest.version))) === resolve(folder);
    const parts: ManifestPart[] = [];
    for (const part of made.parts) {
      const isThere = written.has(part) || (isBeside && part.file !== undefined);
      parts.push(isThere ? part : await written.write(part, await openPart(part)));
    }
    const { canary: _, ...kept } = made;
    const sealed = await sealManifest({ ...kept, parts });
    const bytes = new TextEncoder().encode(serialiseManifest(sealed));
    await manifestIn(bytes, { itself: basename(output) });
    hold.release(); // a signal from here on may come after the manifest is there, which needs its parts
    await replaceFile(output, bytes);
    return { sealed, report };
  } catch (error) {
    written.remove();
    throw error;
  } finally {
    hold.release();
  }
}

/** The files of parts that this run writes into a folder. */
class PartsInFolder {
  readonly #folder: string;
  /** The names of the files. Parts without classes have the same bytes, so their numbers count as well. */
  readonly #names = new Set<string>();
  /** The paths that were free before. */
  readonly #added: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  has({ number, sha256 }: ManifestPart): boolean {
    return this.#names.has(partFileName(number, sha256));
  }

  /** Returns the bytes of a part that was written. Undefined for others. */
  async read(part: ManifestPart): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!this.has(part)) return undefined;
    return readIndexFile(join(this.#folder, partFileName(part.number, part.sha256)));
  }

  /** Writes a part, and returns it as the new manifest names it. */
  async write(given: ManifestPart, bytes: Uint8Array): Promise<ManifestPart> {
    const { number, ...part } = without(given, "file", "pointer");
    const name = partFileName(number, part.sha256);
    const path = join(this.#folder, name);
    const isFree = await access(path).then(
      () => false,
      () => true,
    );
    await replaceFile(path, bytes);
    if (isFree) this.#added.push(path);
    this.#names.add(name);
    return { number, file: name, ...part };
  }

  /** Removes what this run has added. */
  remove(): void {
    for (const path of this.#added) rmSync(path, { force: true });
  }
}
