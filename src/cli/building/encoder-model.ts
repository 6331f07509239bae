import { readFile } from "node:fs/promises";
import { parseHeader } from "../../bytes/safetensors.ts";
import type { IndexInfo } from "../../index/info.ts";
import type { EncoderModel } from "../../train/build/build-options.ts";
import type { Matrix } from "../../train/index.ts";
import { MODEL_KEY, VERSION_KEY } from "../../train/model/checkpoint.ts";
import { openCheckpoint } from "../../train/model/train-inlined.ts";
import { naming } from "../files/input-file.ts";
import { readCheckpointFile } from "../files/stated-bytes.ts";
import { type EncoderNames, foreignEncoder, parseEncoderNames } from "./foreign-encoder.ts";
import type { BuildArguments } from "./options.ts";

/**
 * Reads the model that `--encoder` names as an option of the build: a model of midx train, or weights of another program,
 * whose names `--encoder-names` may give. Errors name the file.
 */
export async function readEncoderModel(
  { encoder, encoderNames }: Pick<BuildArguments, "encoder" | "encoderNames">,
  classes: Matrix,
): Promise<{ readonly encoder?: EncoderModel }> {
  if (encoder === undefined) {
    if (encoderNames !== undefined) throw new RangeError("'--encoder-names' needs '--encoder'");
    return {};
  }
  const names = await readNames(encoderNames);
  return naming(encoder, async () => {
    const bytes = await readCheckpointFile(encoder);
    if (isForeign(bytes)) return { encoder: foreignEncoder(bytes, names ?? {}, classes) };
    if (names !== undefined) throw new RangeError("'--encoder-names' has no meaning beside a model of midx train");
    const { shape, tables } = await openCheckpoint(bytes);
    if (shape.encoder === undefined) {
      throw new RangeError("'--encoder' expected a model of midx train --encoder, got one of features");
    }
    const [itemCount, dim] = classes.shape;
    const { classCount, dim: width } = shape;
    if (classCount !== itemCount || width !== dim) {
      const expected = `${itemCount} items of ${dim} values, as the embeddings are`;
      throw new RangeError(`'--encoder' expected a model of ${expected}, got one of ${classCount} of ${width}`);
    }
    return { encoder: { shape, tables } };
  });
}

/** Whether the model was trained with other vectors of the classes than these. False for weights of another program. */
export function hasOtherClasses({ tables: { classes } }: EncoderModel, { data }: Matrix): boolean {
  if (classes === undefined) return false;
  // A callback for each value would take 5 % of the time of a build.
  for (let i = 0; i < data.length; i++) if (data[i] !== classes[i]) return true;
  return false;
}

/** Whether an index stores the vectors that a tied encoder reads, because its rows are not the embeddings as they are. */
export const copiesItems = (
  { shape }: EncoderModel,
  { rowType, metric }: Pick<IndexInfo, "rowType" | "metric">,
): boolean => shape.items === "tied" && (rowType !== "f32" || metric !== "dot");

async function readNames(path: string | undefined): Promise<EncoderNames | undefined> {
  if (path === undefined) return undefined;
  return naming(path, async () => parseEncoderNames(await readFile(path)));
}

/** Tells weights of another program from a model of midx train, of any version. RangeError for an index. */
function isForeign(bytes: Uint8Array): boolean {
  const { metadata } = parseHeader(bytes, bytes.byteLength);
  if (metadata.format === "midx") {
    throw new RangeError("'--encoder' expected a model, got an index: pass the model that it was built with");
  }
  return metadata[VERSION_KEY] === undefined && metadata[MODEL_KEY] === undefined;
}
