import { MAX_ENCODER_BYTES } from "../../../worker/parts/protocol.ts";
import type { EncoderModel } from "../../train/build/build-options.ts";
import { encoderTables } from "../../train/model/shape.ts";
import { type EmbeddingInput, readAll } from "../inputs/input.ts";
import { readEncoderModel } from "./encoder-model.ts";
import type { BuildArguments } from "./options.ts";

type Chosen = Pick<BuildArguments, "encoder" | "encoderNames" | "rowType" | "metric">;
/** The rows of all parts. */
type Sizes = { readonly itemCount: number; readonly dim: number };

/** Checks that a router can read the rows of parts in place of the vectors of items. */
export function checkPartsEncoder({ encoder, rowType = "i8", metric = "dot" }: Chosen): void {
  if (encoder === undefined || (rowType === "f32" && metric === "dot")) return;
  throw new RangeError(
    `'--encoder' beside '--parts' expected '--row-type f32' and '--metric dot', got ${rowType} and ${metric}: a router reads the rows of items`,
  );
}

/**
 * Reads the model of `--encoder` for a build in parts. Undefined without one. Weights of another program have no vectors of
 * classes: theirs are the rows, whichever these are.
 */
export async function readPartsEncoder(options: Chosen, { itemCount, dim }: Sizes): Promise<EncoderModel | undefined> {
  const none = { data: new Float32Array(), shape: [itemCount, dim] as const };
  const { encoder } = await readEncoderModel(options, none);
  if (encoder === undefined) return undefined;
  if (encoder.shape.items !== "tied") {
    throw new RangeError(
      `'--encoder' beside '--parts' expected a tied encoder, which reads the rows, got one with vectors of its own ('--no-tied', or "features" of '--encoder-names')`,
    );
  }
  checkSize({ ...encoder.shape, dim });
  return encoder;
}

/** The most bytes of the line before the weights of an encoder, in the message that a router reads. */
export const MOST_LINE_BYTES = 4096;

/** Refuses an encoder that a router could not read from a part. */
function checkSize(shape: Parameters<typeof encoderTables>[0]): void {
  const bytes = encoderTables(shape).reduce((sum, { rows, width }) => sum + 4 * rows * width, 0);
  const most = MAX_ENCODER_BYTES - MOST_LINE_BYTES;
  if (bytes <= most) return;
  throw new RangeError(
    `'--encoder' beside '--parts' expected at most ${most} bytes of weights, which a router reads from a part, got ${bytes}: ` +
      "train it with fewer --units, --blocks or a smaller --length, or build one index without '--parts'",
  );
}

/** Returns the encoder of a block of rows. It differs from the encoder of all rows only by the rows that it reads. */
export async function encoderOfBlock(
  { shape, tables }: EncoderModel,
  firstRow: number,
  block: EmbeddingInput,
): Promise<EncoderModel> {
  const { itemCount, dim } = block;
  const own = tables.classes?.length
    ? tables.classes.subarray(firstRow * dim, (firstRow + itemCount) * dim)
    : (await readAll(block)).data;
  return { shape, tables: { ...tables, classes: own } };
}
