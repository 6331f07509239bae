import { encodeFor } from "../../changes/encode-changes.ts";
import { excessIn } from "../../changes/excess-in.ts";
import { type ChangeSet, readChanges, type SequenceRange } from "../../changes/index.ts";
import { NAMESPACE } from "../../format/columns.ts";
import { replaceFile } from "../files/replace-file.ts";
import { factLines } from "../output/table.ts";
import { type Io, notesOn, printJson, printLines } from "../process/io.ts";
import type { ReadFiles } from "./changed-files.ts";

/** The path of a file of changes, and its place in the log. */
export interface OutputArguments extends SequenceRange {
  readonly output: string;
  readonly json?: true;
}

/** Writes a file of changes, and prints what it holds. Errors name rows of the table and lines of the removals. */
export async function writeChanges(
  files: ReadFiles,
  changes: ChangeSet,
  { output, json, after, sequence }: OutputArguments,
  io: Io,
): Promise<void> {
  const range = { ...(after !== undefined && { after }), ...(sequence !== undefined && { sequence }) };
  const bytes = inOptions(files.target.dim, () => encodeFor(files, changes, range));
  await replaceFile(output, bytes);
  const excess = excessIn(bytes, files.largest);
  if (excess) notesOn(io)(`${excess}: ${files.areParts ? ANEW : COMPACTED}`);
  const silent = unstated(files, changes);
  if (silent.length > 0) {
    notesOn(io)(
      `the changes say nothing about values in ${silent.join(", ")} (--columns, --namespace-field): replaced classes keep theirs, and new ones have none`,
    );
  }
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

/** The remedies for a row or a bias that is too large. */
const COMPACTED = "midx compact takes the file, and --changes of other commands refuses it";
const ANEW = "--changes refuses the file: build the parts anew with it";

/** Returns the columns of the index for which the changes of a table state no values. */
function unstated({ target }: ReadFiles, { upserts }: ChangeSet): string[] {
  if (!upserts) return [];
  const { columns = {}, namespaces } = upserts;
  return target.columns
    .filter(({ name }) => (name === NAMESPACE ? !namespaces : !Object.hasOwn(columns, name)))
    .map(({ name }) => (name === NAMESPACE ? name : JSON.stringify(name)));
}

/** The options that give the lists of upserts. */
const OPTIONS: Readonly<Record<string, string>> = {
  biases: "--bias",
  columns: "--columns",
  namespaces: "--namespace-field",
};

/** Runs `action`, and writes the name at the start of an error, of an element of a change set, as that of a row or an option. */
function inOptions<T>(dim: number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Error) {
      error.message = error.message
        .replace(/^"upserts\.rows"\[(\d+)\]/, (_, at) => `row ${Math.floor(at / dim)}, column ${at % dim}:`)
        .replace(/^"upserts\.labels"\[(\d+)\]/, "the label of row $1")
        .replace(/^"upserts\.(biases|columns|namespaces)"/, (_, list) => `'${OPTIONS[list]}'`)
        .replace(/^"removals"\[(\d+)\]/, (_, at) => `'--removals', line ${Number(at) + 1},`);
    }
    throw error;
  }
}
