import type { Command } from "commander";
import { givenOption } from "../arguments/given-option.ts";
import { integer, spaceName } from "../arguments/values.ts";
import { valuesLines } from "../building/report.ts";
import { withChangedFiles } from "../changing/changed-files.ts";
import { readLabelledRows, TABLE_OPTIONS, type TableArguments } from "../changing/labelled-rows.ts";
import { type OutputArguments, writeChanges } from "../changing/write-changes.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { asText } from "../files/foreign-files.ts";
import { unusedKeyLines } from "../inputs/row-fields.ts";
import { linesIn, readPieces } from "../inputs/text-lines.ts";
import { type Io, notesOn, printLines } from "../process/io.ts";

interface ChangesArguments extends TableArguments, OutputArguments {
  readonly removals?: string;
  readonly space?: string;
}

/** `midx changes`: writes a file of changes for an index. */
export function addChangesCommand(program: Command, io: Io): void {
  const command = program
    .command("changes")
    .description("write a file of changes for an index: rows to add or replace, by label, and labels to remove")
    .argument("<index>", "index file that the changes are for, or manifest of its parts")
    .argument("[table]", "rows to add or replace, in any input format of midx build")
    .requiredOption("-o, --output <file>", "file of changes to write")
    .option("--removals <file>", "text file with the labels to remove, one per line")
    .option("--json", "print JSON");
  addSequenceOptions(command);
  for (const option of TABLE_OPTIONS) command.addOption(option);
  command
    .addHelpText("after", EXAMPLE)
    .action(async (file: string, table: string | undefined, options: ChangesArguments) => {
      const { output, removals, labels, metadata, space } = options;
      if (table === undefined && removals === undefined) {
        command.error("error: expected a table of rows, or '--removals'");
      }
      const ofTable = TABLE_OPTIONS.map(({ long }) => long);
      const given = table === undefined && givenOption(command, ofTable);
      if (given) command.error(`error: '${given}' expected a table of rows beside it`);
      await checkOutputs(
        { "<index>": file, "[table]": table, "--removals": removals, "--labels": labels, "--metadata": metadata },
        { "--output": output },
        io,
      );
      await withChangedFiles(file, io, async (files) => {
        const upserts = table === undefined ? undefined : await readLabelledRows(table, files.dim, options, io.stdin);
        printLines(io.stderr, [
          ...unusedKeyLines(metadata, upserts?.unusedKeys),
          ...valuesLines(table ?? "", upserts?.inputColumns),
        ]);
        const removed = removals === undefined ? undefined : await readLines(removals);
        const changes = {
          ...(upserts && {
            upserts: {
              labels: upserts.labels,
              rows: upserts.rows,
              ...upserts.values,
              ...(upserts.biases && { biases: upserts.biases }),
            },
          }),
          ...(removed && { removals: removed }),
          ...(space !== undefined && { space }),
        };
        const read = await files.read(removed ?? []);
        const unknown = (removed?.length ?? 0) - read.known;
        if (unknown > 0) {
          notesOn(io)(
            `the index has no class for ${unknown} of the labels in '--removals': they remove nothing unless earlier changes added them`,
          );
        }
        await writeChanges(read, changes, options, io);
      });
    });
}

/** Adds the options for the place of changes in the log, and for their space. */
export const addSequenceOptions = (command: Command): Command =>
  command
    .option(
      "--after <n>",
      "sequence number that the index must have (default: that of its file)",
      integer(0, Number.MAX_SAFE_INTEGER),
    )
    .option("--space <name>", "name of the space of the rows: an index with another one refuses them", spaceName)
    .option(
      "--sequence <n>",
      "sequence number of the changes (default: --after plus 1)",
      integer(1, Number.MAX_SAFE_INTEGER),
    );

async function readLines(path: string): Promise<string[]> {
  return asText(path, async () => {
    const read: string[] = [];
    for await (const lines of linesIn(readPieces(path))) for (const { text } of lines) read.push(text);
    return read;
  });
}

const EXAMPLE = `
Examples:
  $ midx changes items.midx new-items.jsonl --id-field sku --removals sold-out.txt -o items.midxd
  $ midx predict items.midx --changes items.midxd --queries users.npy --row 7
  $ midx changes items/manifest.json new-items.jsonl --id-field sku -o items.midxd`;
