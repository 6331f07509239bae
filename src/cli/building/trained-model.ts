import { headerByteLength, parseHeader, type SafetensorsHeader } from "../../bytes/safetensors.ts";
import { isObject } from "../../checks/is-object.ts";
import { MODEL_KEY } from "../../train/model/checkpoint.ts";
import type { LabelsName } from "../../train/model/labels.ts";
import { openFile } from "../files/input-file.ts";
import { MAX_HEADER_BYTES } from "../files/stated-bytes.ts";
import { formatNameOf } from "../inputs/formats.ts";
import { type Io, printLines } from "../process/io.ts";
import { shellWord } from "../process/shell-word.ts";
import { isRemote, shownPath } from "../remote/address.ts";
import type { BuildArguments } from "./options.ts";

/**
 * Completes the options of a build from a model of `midx train` with an encoder, and says so: it has its rows, its biases and its
 * encoder under names that are known. Models of before 0.41.0 lack the labels of their items. If `--tensor` names the rows, nothing is added. The table of features of a model without an
 * encoder does not say how its queries pool features, so such a model needs its options.
 *
 * @throws RangeError for `--max-memory`, with which an index has no encoder
 */
export async function withTrainedModel(path: string, options: BuildArguments, io: Io): Promise<BuildArguments> {
  const { tensor, features, format = formatNameOf(path), maxMemory, labels, idField } = options;
  if (tensor !== undefined || features !== undefined || format !== "safetensors" || isRemote(path)) return options;
  const model = await encoderModelIn(path);
  if (model === undefined) return options;
  const rows = ["--tensor classes", ...(options.bias === undefined ? ["--bias bias"] : [])].join(" ");
  if (maxMemory !== undefined) {
    throw new RangeError(`'--max-memory' expected a model without an encoder: add ${rows} to build without it`);
  }
  const encoder = options.encoder === undefined ? ` --encoder ${shellWord(path)}` : "";
  printLines(io.stderr, [`note: ${shownPath(path)} is a model of midx train, so this builds with ${rows}${encoder}`]);
  if (!model.hasLabels && labels === undefined && idField !== false) {
    const remedy = "the same training with --resume --labels-out <file> writes their names, and --labels reads them";
    printLines(io.stderr, [
      `note: ${shownPath(path)} does not name its items, whose ids are in the order of their frequency: ${remedy}`,
    ]);
  }
  return { ...options, tensor: "classes", bias: options.bias ?? "bias", encoder: options.encoder ?? path };
}

interface EncoderModelFile {
  readonly hasLabels: boolean;
}

/** Finds a model of `midx train` with an encoder. Whatever else may be wrong with the file is left to the reader of its rows. */
async function encoderModelIn(path: string): Promise<EncoderModelFile | undefined> {
  const header = await headerOf(path).catch(() => undefined);
  const shape = header && parsed(header.metadata[MODEL_KEY]);
  if (!isObject(shape) || !("encoder" in shape)) return undefined;
  return { hasLabels: header?.tensors.some(({ name }) => name === LABELS_OF_CLASSES) === true };
}

const LABELS_OF_CLASSES: LabelsName = "labels";

function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}

async function headerOf(path: string): Promise<SafetensorsHeader> {
  const file = await openFile(path);
  try {
    const byteLength = headerByteLength(await file.read(0, 8), file.byteLength, MAX_HEADER_BYTES);
    return parseHeader(await file.read(0, byteLength), file.byteLength);
  } finally {
    await file.close();
  }
}
