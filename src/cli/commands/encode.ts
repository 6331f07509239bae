import { type Command, Option } from "commander";
import { routedEncoder } from "../../../worker/router/routed-encoder.ts";
import type { ItemEncoder } from "../../../worker/sequences/encoders.ts";
import { serialiseHeader } from "../../bytes/safetensors.ts";
import { hasEncoder, openEncoder, type SequenceEncoder } from "../../encoder/index.ts";
import type { IndexInfo, MultiIndex } from "../../index.ts";
import { changesOption, namedChanges } from "../arguments/changes-option.ts";
import type { OpenedParts } from "../asking/parts-of-manifest.ts";
import { withOpened } from "../asking/with-asked.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { replaceFileWith } from "../files/replace-file.ts";
import { encoderOfParts } from "../hosting/encoder-of-parts.ts";
import { ServedParts } from "../hosting/served-parts.ts";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { shellWord } from "../process/shell-word.ts";
import { readEncoded, type UnknownItems } from "../training/encoded-sequences.ts";

interface EncodeOptions {
  readonly output: string;
  readonly unknownItems: UnknownItems;
  readonly changes?: readonly string[];
  readonly json?: true;
}

/** `midx encode`: writes the queries of sequences, which other commands read as --queries. */
export function addEncodeCommand(program: Command, io: Io): void {
  program
    .command("encode")
    .description("make queries from sequences of items with the encoder of an index, for --queries of other commands")
    .argument("<index>", "index file with an encoder, as midx build --encoder makes it, or manifest of such parts")
    .argument(
      "<data>",
      '.jsonl of {"items": […]}, labels, or ids if the index has none, in the order in which they occurred',
    )
    .requiredOption("-o, --output <file>", "queries to write (.safetensors)")
    .addOption(
      new Option(
        "--unknown-items <treatment>",
        "what to do with items that the index does not have: refuse or skip them",
      )
        .choices(["refuse", "skip"])
        .default("refuse"),
    )
    .addOption(changesOption())
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLE)
    .action(async (file: string, data: string, options: EncodeOptions) => {
      const { output, changes } = options;
      await checkOutputs({ "<index>": file, "<data>": data, ...namedChanges(changes) }, { "--output": output }, io);
      await withOpened(file, { changes }, io, {
        ofIndex: async (index) => encode(await encoderOfFile(index, file), index.info, file, data, options, io),
        ofParts: async (parts) =>
          encode(await encoderOfManifest(parts, file), parts.index.info, file, data, options, io),
      });
    });
}

const EXAMPLE = `
Examples:
  $ midx encode items.midx sessions.jsonl -o queries.safetensors
  $ midx calibrate items.midx --queries queries.safetensors`;

async function encoderOfFile(index: MultiIndex, file: string): Promise<SequenceEncoder> {
  if (hasEncoder(index)) return openEncoder(index);
  throw new RangeError(`${file} has no encoder: build it with midx build --encoder`);
}

/** Returns the encoder that the parts share, which reads the rows of items from their parts. */
async function encoderOfManifest({ manifest, indexes, parted }: OpenedParts, file: string): Promise<ItemEncoder> {
  const shared = await encoderOfParts(indexes);
  if (!shared)
    throw new RangeError(`the parts of ${file} have no encoder: build them with midx build --parts --encoder`);
  return routedEncoder(new ServedParts({ manifest, indexes, parted, statistics: undefined, room: 0 }), shared);
}

async function encode(
  encoder: Pick<ItemEncoder, "encode">,
  info: Pick<IndexInfo, "hasLabels" | "itemCount" | "dim">,
  file: string,
  data: string,
  { output, unknownItems, json }: EncodeOptions,
  io: Io,
): Promise<void> {
  const { queries, leftOut } = await readEncoded(data, encoder, info, unknownItems);
  const { dim } = info;
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
