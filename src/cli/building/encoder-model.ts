import type { EncoderModel } from "../../train/build/build-options.ts";
import { openCheckpoint } from "../../train/model/train-inlined.ts";
import { naming } from "../files/input-file.ts";
import { readCheckpointFile } from "../files/stated-bytes.ts";
import type { BuildArguments } from "./options.ts";

/** Reads the model that `--encoder` names as an option of the build. Errors name the file. */
export async function readEncoderModel({ encoder }: BuildArguments): Promise<{ readonly encoder?: EncoderModel }> {
  if (encoder === undefined) return {};
  return naming(encoder, async () => {
    const { shape, tables } = await openCheckpoint(await readCheckpointFile(encoder));
    if (shape.encoder === undefined) {
      throw new RangeError("'--encoder' expected a model of midx train --encoder, got one of features");
    }
    return { encoder: { shape, tables } };
  });
}
