import type { Command } from "commander";
import { parseHeader } from "../../bytes/safetensors.ts";
import { type IndexInfo, load } from "../../index.ts";
import { calibrationText, featuresText } from "../building/report.ts";
import { asIndex } from "../files/foreign-files.ts";
import { readIndexFile } from "../files/stated-bytes.ts";
import { factLines, tableLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";

/** `midx inspect`: prints the facts, metadata and tensors of an index file. */
export function addInspectCommand(program: Command, io: Io): void {
  program
    .command("inspect")
    .description("print the facts, metadata and tensors of an index file")
    .argument("<file>", "index file")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLE)
    .action((file: string, options: { readonly json?: true }) => asIndex(file, () => inspect(file, options, io)));
}

const EXAMPLE = `
Example:
  $ midx inspect next-word.midx --json`;

/** Writes each curve as k: scan/rescore → recall, …, with the rows whose codes are read and the rows scored exactly. */
const curveText = ({ recallCurves }: IndexInfo): string =>
  recallCurves
    .map(({ k, points }) => {
      const steps = points.map(({ scan, rescore, recall }) => `${scan}/${rescore} → ${recall.toFixed(3)}`);
      return `${k}: ${steps.join(", ") || "not measured"}`;
    })
    .join("; ");

async function inspect(file: string, options: { readonly json?: true }, io: Io): Promise<void> {
  const bytes = await readIndexFile(file);
  const index = await load(bytes);
  const { info } = index;
  index.dispose();
  const { tensors, metadata, byteLength } = parseHeader(bytes, bytes.byteLength);
  if (options.json) {
    return printJson(io.stdout, { fileBytes: bytes.byteLength, headerBytes: byteLength, info, metadata, tensors });
  }
  const rows = tensors.map(({ name, dtype, shape, begin, end }) => [
    name,
    dtype,
    `[${shape.join(", ")}]`,
    byteLength + begin,
    end - begin,
  ]);
  printLines(io.stdout, [
    ...factLines([
      ["fileBytes", bytes.byteLength],
      ["headerBytes", byteLength],
      ...Object.entries({
        ...info,
        recallCurves: curveText(info),
        ...(info.hasFineCodes && { recallQueries: info.recallQueries ?? "unknown" }),
        features: info.features ? featuresText(info.features) : "none",
        calibration: calibrationText(info.calibration),
      }),
    ]),
    "",
    ...factLines(Object.entries(metadata)),
    "",
    ...tableLines(["tensor", "dtype", "shape", "offset", "bytes"], rows),
  ]);
}
