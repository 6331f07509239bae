import { type Command, Option } from "commander";
import type { ItemEncoder } from "../../../worker/sequences/encoders.ts";
import { serialiseHeader } from "../../bytes/safetensors.ts";
import type { IndexInfo, MultiIndex } from "../../index.ts";
import { type SampledIndex, type SequenceSampling, sampleQueries } from "../../train/stand-ins/sampled-sequences.ts";
import { changesOption, namedChanges } from "../arguments/changes-option.ts";
import { integer, seed } from "../arguments/values.ts";
import { openEncoderOfParts, openItemEncoder } from "../asking/item-encoder.ts";
import type { OpenedParts } from "../asking/parts-of-manifest.ts";
import { withOpened } from "../asking/with-asked.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { replaceFileWith } from "../files/replace-file.ts";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { shellWord } from "../process/shell-word.ts";
import { readEncoded, type UnknownItems } from "../training/encoded-sequences.ts";

interface EncodeOptions {
  readonly output: string;
  readonly sample?: number;
  readonly seed?: bigint;
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
      "[data]",
      '.jsonl of {"items": […]}, labels, or ids if the index has none, in the order in which they occurred',
    )
    .requiredOption("-o, --output <file>", "queries to write (.safetensors)")
    .option(
      "--sample <sequences>",
      "in place of <data>: so many sequences of 1 to 16 items that the model draws itself",
      integer(1, MOST_SAMPLED),
    )
    .option("--seed <integer>", "seed of these draws (default: 0)", seed)
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
    .action(async (file: string, data: string | undefined, options: EncodeOptions) => {
      const { output, changes } = options;
      const source = sourceOf(data, options);
      checkName(output);
      await checkOutputs({ "<index>": file, "<data>": data, ...namedChanges(changes) }, { "--output": output }, io);
      await withOpened(file, { changes }, io, {
        ofIndex: async (index) => encode(await encoderOfFile(index, file), index, source, file, options, io),
        ofParts: async (parts) =>
          encode(await encoderOfManifest(parts, file), sampledParts(parts), source, file, options, io),
      });
    });
}

const MOST_SAMPLED = 1_000_000;

/** Where the sequences come from: a file, or the model. */
type Source = { readonly data: string; readonly unknownItems: UnknownItems } | SequenceSampling;

function sourceOf(data: string | undefined, { sample, seed, unknownItems }: EncodeOptions): Source {
  if (sample === undefined) {
    if (data === undefined) throw new RangeError("expected <data>, a file of sequences, or '--sample'");
    if (seed !== undefined) throw new RangeError("'--seed' needs '--sample'");
    return { data, unknownItems };
  }
  if (data !== undefined) throw new RangeError(`'--sample' has no meaning beside <data>, ${data}`);
  if (unknownItems !== "refuse") throw new RangeError("'--unknown-items' has no meaning beside '--sample'");
  return { count: sample, seed: seed ?? 0n };
}

/** Other commands tell the format of queries by the name alone. */
function checkName(output: string): void {
  if (output.toLowerCase().endsWith(".safetensors")) return;
  throw new RangeError(`'--output' expected a name that ends in .safetensors, got ${output}`);
}

const EXAMPLE = `
Examples:
  $ midx encode items.midx sessions.jsonl -o queries.safetensors
  $ midx encode items.midx --sample 400 -o queries.safetensors
  $ midx calibrate items.midx --queries queries.safetensors`;

async function encoderOfFile(index: MultiIndex, file: string): Promise<ItemEncoder> {
  const encoder = await openItemEncoder(index);
  if (encoder) return encoder;
  throw new RangeError(`${file} has no encoder: build it with midx build --encoder`);
}

async function encoderOfManifest(parts: OpenedParts, file: string): Promise<ItemEncoder> {
  const encoder = await openEncoderOfParts(parts);
  if (encoder) return encoder;
  throw new RangeError(`the parts of ${file} have no encoder: build them with midx build --parts --encoder`);
}

/** The facts of merged answers, and the draws. */
const sampledParts = ({ index: { info }, parted }: OpenedParts) => ({
  info,
  sample: (...call: Parameters<SampledIndex["sample"]>) => parted.sample(...call),
});

async function encode(
  encoder: Pick<ItemEncoder, "encode">,
  index: SampledIndex & { readonly info: Pick<IndexInfo, "hasLabels"> },
  source: Source,
  file: string,
  { output, changes = [], json }: EncodeOptions,
  io: Io,
): Promise<void> {
  const { info } = index;
  const isFile = "data" in source;
  const { queries, leftOut } = isFile
    ? await readEncoded(source.data, encoder, info, source.unknownItems)
    : await sampleQueries(encoder, index, source);
  const { dim } = info;
  const shape = [queries.length / dim, dim] as const;
  await replaceFileWith(output, async (handle) => {
    await handle.writeFile(serialiseHeader([{ name: "queries", dtype: "F32", shape }]));
    await handle.writeFile(queries);
  });
  if (json) return printJson(io.stdout, { output, queryCount: shape[0], dim, leftOut });
  const lines = factLines([
    ["queries", output],
    ["sequences", isFile ? shape[0] : `${shape[0]}, drawn from the model`],
    ...(leftOut > 0 ? [["left out", `${leftOut}, of which the index has no item`] as const] : []),
  ]);
  // Queries of a changed index measure that one, and calibrate takes no changes.
  const next = isFile || changes.length > 0 ? "eval" : "calibrate";
  const changed = changes.map((path) => ` --changes ${shellWord(path)}`).join("");
  printLines(io.stdout, [...lines, "", `midx ${next} ${shellWord(file)}${changed} --queries ${shellWord(output)}`]);
}
