import { rmSync } from "node:fs";
import { access, rename } from "node:fs/promises";
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
import { writeNewFile } from "../files/create-file.ts";
import { naming } from "../files/input-file.ts";
import { partFileName } from "../files/part-names.ts";
import { replaceFile, syncFolder } from "../files/replace-file.ts";
import { readIndexFile } from "../files/stated-bytes.ts";
import type { ProgressEvent } from "../output/progress.ts";
import { holdSignals } from "../process/interruption.ts";
import { placing } from "../process/placing.ts";
import { temporaryPath } from "../process/temporary-files.ts";
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
    await written.place();
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

/** The files of parts that this run writes into a folder. They get their names at its end. */
class PartsInFolder {
  readonly #folder: string;
  /** The paths of the files by their names. Parts without classes have the same bytes, so their numbers count as well. */
  readonly #paths = new Map<string, string>();
  /** The paths of files that were not there before. */
  readonly #added: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  has({ number, sha256 }: ManifestPart): boolean {
    return this.#paths.has(partFileName(number, sha256));
  }

  /** Returns the bytes of a part that was written. Undefined for others. */
  async read({ number, sha256 }: ManifestPart): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = this.#paths.get(partFileName(number, sha256));
    return path === undefined ? undefined : readIndexFile(path);
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
    if (isFree) {
      const temporary = temporaryPath(path);
      this.#added.push(temporary);
      await placing(path, () => writeNewFile(temporary, bytes));
      this.#paths.set(name, temporary);
    } else {
      await replaceFile(path, bytes);
      this.#paths.set(name, path);
    }
    return { number, file: name, ...part };
  }

  /** Gives the parts their names. A run that is killed before leaves temporary files only, which later commands remove. */
  async place(): Promise<void> {
    for (const [name, written] of this.#paths) {
      const path = join(this.#folder, name);
      if (written === path) continue;
      this.#added.push(path);
      await placing(path, () => rename(written, path));
    }
    await syncFolder(this.#folder);
  }

  /** Removes what this run has added. */
  remove(): void {
    for (const path of this.#added) rmSync(path, { force: true });
  }
}
