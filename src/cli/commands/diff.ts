import type { Command } from "commander";
import { valuesLines } from "../building/report.ts";
import { withChangedFiles } from "../changing/changed-files.ts";
import { type LabelledRows, readLabelledRows, TABLE_OPTIONS, type TableArguments } from "../changing/labelled-rows.ts";
import { noteOfOtherTable } from "../changing/other-table.ts";
import { type OutputArguments, writeChanges } from "../changing/write-changes.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { checkColumnOrder } from "../inputs/column-order.ts";
import { unusedKeyLines } from "../inputs/row-fields.ts";
import { type Io, notesOn, printLines } from "../process/io.ts";
import { addSequenceOptions } from "./changes.ts";

interface DiffArguments extends TableArguments, OutputArguments {
  readonly index: string;
  readonly oldLabels?: string;
  readonly oldBias?: string;
  readonly oldMetadata?: string;
  readonly space?: string;
}

/** `midx diff`: writes the changes between two tables as a file. */
export function addDiffCommand(program: Command, io: Io): void {
  const command = program
    .command("diff")
    .description(
      "compare two tables by the labels of their rows, and write the changes from one to the other, for an index",
    )
    .argument("<old>", "table that the index was built from, in any input format of midx build")
    .argument("<new>", "table that the changes lead to")
    .requiredOption("--index <file>", "index file that the changes are for, or manifest of its parts")
    .requiredOption("-o, --output <file>", "file of changes to write")
    .option("--json", "print JSON");
  addSequenceOptions(command);
  for (const option of TABLE_OPTIONS) command.addOption(option);
  command
    .option("--old-labels <file>", "text file with one label per row of <old>, if --labels are those of <new>")
    .option("--old-bias <name>", "bias of each row of <old>, if it is not --bias")
    .option("--old-metadata <file>", "metadata of the rows of <old>, if --metadata are those of <new>")
    .addHelpText("after", EXAMPLE)
    .action(async (oldTable: string, newTable: string, options: DiffArguments) => {
      const { index: file, output, labels, oldLabels = labels, oldBias = options.bias } = options;
      const { metadata, oldMetadata = metadata, space } = options;
      const tables = { "<old>": oldTable, "<new>": newTable, "--metadata": metadata, "--old-metadata": oldMetadata };
      await checkOutputs(
        { "--index": file, ...tables, "--labels": labels, "--old-labels": oldLabels },
        { "--output": output },
        io,
      );
      await withChangedFiles(file, io, async ({ dim, read }) => {
        const before = {
          ...options,
          ...(oldLabels && { labels: oldLabels }),
          ...(oldBias && { bias: oldBias }),
          ...(oldMetadata && { metadata: oldMetadata }),
        };
        const old = await readLabelledRows(oldTable, dim, before, undefined);
        const next = await readLabelledRows(newTable, dim, options, undefined);
        checkColumnOrder({ path: newTable, ...next }, { path: oldTable, ...old });
        printLines(io.stderr, [
          ...unusedKeyLines(metadata, next.unusedKeys),
          ...valuesLines(newTable, next.inputColumns),
        ]);
        const changes = { ...changesBetween(old, next), ...(space !== undefined && { space }) };
        const files = await read(old.labels);
        const note = options.after ? undefined : noteOfOtherTable(oldTable, old.labels, file, files);
        if (note !== undefined) notesOn(io)(note);
        await writeChanges(files, changes, options, io);
      });
    });
}

/** Returns the rows of `next` that `old` has not, or has with other values, and the labels that `next` lacks. */
function changesBetween(old: LabelledRows, next: LabelledRows) {
  const placeOf = new Map(old.labels.map((label, row) => [label, row]));
  const places = next.labels.flatMap((label, row) => {
    const before = placeOf.get(label);
    placeOf.delete(label);
    return before !== undefined && isSameRow(old, before, next, row) ? [] : [row];
  });
  const rows = new Float32Array(places.length * next.dim);
  for (const [i, row] of places.entries()) rows.set(rowOf(next, row), i * next.dim);
  return {
    upserts: {
      labels: places.map((row) => next.labels[row] as string),
      rows,
      ...valuesAt(next, places),
      ...(next.biases && { biases: Float32Array.from(places, (row) => next.biases?.[row] as number) }),
    },
    removals: [...placeOf.keys()],
  };
}

const rowOf = ({ rows, dim }: LabelledRows, row: number): Float32Array => rows.subarray(row * dim, (row + 1) * dim);

function isSameRow(old: LabelledRows, before: number, next: LabelledRows, row: number): boolean {
  const values = rowOf(next, row);
  if (old.biases?.[before] !== next.biases?.[row] || !rowOf(old, before).every((value, d) => value === values[d])) {
    return false;
  }
  return JSON.stringify(valuesAt(old, [before])) === JSON.stringify(valuesAt(next, [row]));
}

/** Returns the values of rows in columns, as upserts have them. */
function valuesAt({ values: { columns, namespaces } }: LabelledRows, rows: readonly number[]): LabelledRows["values"] {
  return {
    ...(columns && {
      columns: Object.fromEntries(
        Object.entries(columns).map(([name, values]) => [name, rows.map((row) => values[row])]),
      ),
    }),
    ...(namespaces && { namespaces: rows.map((row) => namespaces[row]) }),
  };
}

const EXAMPLE = `
Examples:
  $ midx diff yesterday.jsonl today.jsonl --id-field sku --index items.midx -o items.midxd
  $ midx diff yesterday.jsonl today.jsonl --id-field sku --index items/manifest.json -o items.midxd`;
