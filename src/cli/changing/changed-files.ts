import { type Largest, largestOf } from "../../changes/bounds.ts";
import type { FileFacts } from "../../changes/changeable.ts";
import { factsOfFile } from "../../changes/changeable-index.ts";
import { largestIn } from "../../changes/excess-in.ts";
import { factsOfParts } from "../../changes/facts-of-parts.ts";
import { fileLabels } from "../../changes/file-labels.ts";
import type { MultiIndex } from "../../index.ts";
import { openedOf } from "../../parts/opened-of.ts";
import { withIndex } from "../files/index-file.ts";
import { naming } from "../files/input-file.ts";
import { loadHere } from "../files/load-here.ts";
import type { Io } from "../process/io.ts";
import { filesOf, readManifestFile } from "../publishing/manifest-file.ts";
import { shownPath } from "../remote/address.ts";
import { remoteFiles } from "../remote/remote-files.ts";

/** The index that changes are written for: one file, or the parts of a manifest. */
export interface ChangedFiles {
  /** The number of values in a row. */
  readonly dim: number;
  /** Reads the facts of all files, and finds so many of these labels there. Of a manifest, one part is in memory at a time. */
  read(labels: readonly string[]): Promise<ReadFiles>;
}

/** The facts about all files of an index. */
export interface ReadFiles extends FileFacts {
  readonly areParts: boolean;
  readonly largest: Largest | undefined;
  readonly itemCount: number;
  /** The number of the given labels that a file has. */
  readonly known: number;
}

/**
 * Runs `action` with the files of the index that a path names.
 *
 * @throws RangeError for a manifest of parts without labels, and for parts that store rows in different ways
 */
export async function withChangedFiles(
  path: string,
  io: Io,
  action: (files: ChangedFiles) => Promise<void>,
): Promise<void> {
  const openRemote = remoteFiles(io, {});
  const manifest = await readManifestFile(path, openRemote);
  if (manifest === undefined) {
    return withIndex(path, {}, (index) =>
      action({ dim: index.info.dim, read: async (labels) => ({ ...readFile(index, labels), areParts: false }) }),
    );
  }
  const { parts, facts, classes } = manifest;
  if (!facts.hasLabels) {
    throw new RangeError(
      `${shownPath(path)}: expected parts with labels, which say to which part a change goes, got parts without: build them with --labels or --id-field`,
    );
  }
  const { openPart } = filesOf(path, manifest, openRemote);
  const read = async (labels: readonly string[]): Promise<ReadFiles> => {
    const found: ReturnType<typeof readFile>[] = [];
    for (const part of parts) {
      const index = await loadHere(await openPart(part));
      try {
        found.push(readFile(index, labels));
      } finally {
        index.dispose();
      }
    }
    return {
      ...(await naming(shownPath(path), async () => factsOfParts(found))),
      areParts: true,
      itemCount: classes,
      largest: largestOf(found.map(({ largest }) => largest)),
      known: found.reduce((sum, { known }) => sum + known, 0),
    };
  };
  return action({ dim: facts.dim, read });
}

function readFile(index: MultiIndex, labels: readonly string[]): Omit<ReadFiles, "areParts"> {
  const { find } = fileLabels(openedOf(index));
  const known = labels.filter((label) => find(label) !== undefined).length;
  return { ...factsOfFile(index), largest: largestIn(index), itemCount: index.info.itemCount, known };
}
