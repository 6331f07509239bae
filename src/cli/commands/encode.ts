import { type Command, Option } from "commander";
import { serialiseHeader } from "../../bytes/safetensors.ts";
import { hasEncoder, openEncoder } from "../../encoder/index.ts";
import type { MultiIndex } from "../../index.ts";
import { withIndexAndChanges } from "../asking/with-asked.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { replaceFileWith } from "../files/replace-file.ts";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { shellWord } from "../process/shell-word.ts";
import { readManifestFile } from "../publishing/manifest-file.ts";
import { readEncoded, type UnknownItems } from "../training/encoded-sequences.ts";

interface EncodeOptions {
  readonly output: string;
  readonly unknownItems: UnknownItems;
  readonly changes?: string;
  readonly json?: true;
}

/** `midx encode`: writes the queries of sequences, which other commands read as --queries. */
export function addEncodeCommand(program: Command, io: Io): void {
  program
    .command("encode")
    .description("write the queries after sequences of items, made by the encoder of an index, for --queries")
    .argument("<index>", "index file with an encoder, as midx build --encoder makes it")
    .argument("<data>", '.jsonl of {"items": […]}, ids or labels in the order in which they occurred')
    .requiredOption("-o, --output <file>", "queries to write (.safetensors)")
    .addOption(
      new Option("--unknown-items <treatment>", "leave out items that the index does not have, or refuse them")
        .choices(["refuse", "skip"])
        .default("refuse"),
    )
    .option("--changes <file>", "file of changes to apply to the index first")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLE)
    .action(async (file: string, data: string, options: EncodeOptions) => {
      const { output, changes } = options;
      await checkOutputs({ "<index>": file, "<data>": data, "--changes": changes }, { "--output": output }, io);
      if (await readManifestFile(file)) {
        const remedy = "build one file of the same model, or ask POST /v1/encode of midx serve";
        throw new RangeError(`${file} is a manifest, whose parts have the items in several files: ${remedy}`);
      }
      await withIndexAndChanges(file, {}, changes, (index) => encode(index, file, data, options, io));
    });
}

const EXAMPLE = `
Examples:
  $ midx encode items.midx sessions.jsonl -o queries.safetensors
  $ midx calibrate items.midx --queries queries.safetensors`;

async function encode(
  index: MultiIndex,
  file: string,
  data: string,
  { output, unknownItems, json }: EncodeOptions,
  io: Io,
): Promise<void> {
  if (!hasEncoder(index)) throw new RangeError(`${file} has no encoder: build it with midx build --encoder`);
  const { queries, leftOut } = await readEncoded(data, await openEncoder(index), index, unknownItems);
  const { dim } = index.info;
  const shape = [queries.length / dim, dim] as const;
  await replaceFileWith(output, async (handle) => {
    await handle.writeFile(serialiseHeader([{ name: "queries", dtype: "F32", shape }]));
    await handle.writeFile(queries);
  });
  if (json) return printJson(io.stdout, { output, queryCount: shape[0], dim, leftOut });
  const lines = factLines([
    ["queries", output],
    ["sequences", shape[0]],
    ...(leftOut > 0 ? [["left out", `${leftOut}, of which the index has no item`] as const] : []),
  ]);
  printLines(io.stdout, [...lines, "", `midx eval ${shellWord(file)} --queries ${shellWord(output)}`]);
}
