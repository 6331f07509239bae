import { type ChangeSet, encodeChanges, readChanges, type SequenceRange } from "../../changes/index.ts";
import type { MultiIndex } from "../../index.ts";
import { replaceFile } from "../files/replace-file.ts";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";

/** The path of a file of changes, and its place in the log. */
export interface OutputArguments extends SequenceRange {
  readonly output: string;
  readonly json?: true;
}

/** Writes a file of changes, and prints what it holds. */
export async function writeChanges(
  index: MultiIndex,
  changes: ChangeSet,
  { output, json, after, sequence }: OutputArguments,
  io: Io,
): Promise<void> {
  const bytes = encodeChanges(index, changes, {
    ...(after !== undefined && { after }),
    ...(sequence !== undefined && { sequence }),
  });
  await replaceFile(output, bytes);
  const { upserts, removals, fileBytes, ...info } = readChanges(bytes);
  const facts = {
    upserts: upserts.length,
    removals: removals.length,
    after: info.after,
    sequence: info.sequence,
    fileBytes,
  };
  if (json) printJson(io.stdout, { ...facts, contentId: info.contentId });
  else printLines(io.stdout, factLines(Object.entries(facts)));
}
