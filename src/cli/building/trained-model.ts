import { headerByteLength, parseHeader } from "../../bytes/safetensors.ts";
import { MODEL_KEY } from "../../train/model/checkpoint.ts";
import { openFile } from "../files/input-file.ts";
import { MAX_HEADER_BYTES } from "../files/stated-bytes.ts";
import { formatNameOf } from "../inputs/formats.ts";
import { type Io, printLines } from "../process/io.ts";
import { shellWord } from "../process/shell-word.ts";
import { isRemote, shownPath } from "../remote/address.ts";
import type { BuildArguments } from "./options.ts";

/**
 * Completes the options of a build from a model of `midx train` with an encoder, and says so: it has its rows, its biases and its
 * encoder under names that are known. If `--tensor` names the rows, nothing is added. The table of features of a model without an
 * encoder does not say how its queries pool features, so such a model needs its options.
 *
 * @throws RangeError for `--max-memory`, with which an index has no encoder
 */
export async function withTrainedModel(path: string, options: BuildArguments, io: Io): Promise<BuildArguments> {
  const { tensor, features, format = formatNameOf(path), maxMemory } = options;
  if (tensor !== undefined || features !== undefined || format !== "safetensors" || isRemote(path)) return options;
  if (!(await hasEncoder(path))) return options;
  const rows = ["--tensor classes", ...(options.bias === undefined ? ["--bias bias"] : [])].join(" ");
  if (maxMemory !== undefined) {
    throw new RangeError(`'--max-memory' expected a model without an encoder: add ${rows} to build without it`);
  }
  const encoder = options.encoder === undefined ? ` --encoder ${shellWord(path)}` : "";
  printLines(io.stderr, [`note: ${shownPath(path)} is a model of midx train, so this builds with ${rows}${encoder}`]);
  return { ...options, tensor: "classes", bias: options.bias ?? "bias", encoder: options.encoder ?? path };
}

/** Tells a model of `midx train` with an encoder. Whatever else may be wrong with the file is left to the reader of its rows. */
async function hasEncoder(path: string): Promise<boolean> {
  const model = await modelIn(path).catch(() => undefined);
  return model !== undefined && "encoder" in model;
}

async function modelIn(path: string): Promise<object | undefined> {
  const file = await openFile(path);
  try {
    const byteLength = headerByteLength(await file.read(0, 8), file.byteLength, MAX_HEADER_BYTES);
    const { metadata } = parseHeader(await file.read(0, byteLength), file.byteLength);
    const model = metadata[MODEL_KEY];
    return model === undefined ? undefined : JSON.parse(model);
  } finally {
    await file.close();
  }
}
