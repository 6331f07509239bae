import { MAX_ENCODER_BYTES } from "../../../worker/parts/protocol.ts";
import type { EncoderModel } from "../../train/build/build-options.ts";
import { encoderTables } from "../../train/model/shape.ts";
import { readEncoderModel } from "./encoder-model.ts";
import type { BuildArguments } from "./options.ts";

type Chosen = Pick<BuildArguments, "encoder" | "encoderNames" | "rowType" | "metric">;
type Sizes = { readonly itemCount: number; readonly dim: number };

/** Checks that a router can read the rows of parts in place of the vectors of items. */
export function checkPartsEncoder({ encoder, encoderNames, rowType = "i8", metric = "dot" }: Chosen): void {
  if (encoderNames !== undefined) {
    throw new RangeError("'--encoder-names' builds one index, and this makes parts: use a model of midx train");
  }
  if (encoder === undefined || (rowType === "f32" && metric === "dot")) return;
  throw new RangeError(
    `'--encoder' beside '--parts' expected '--row-type f32' and '--metric dot', got ${rowType} and ${metric}: a router reads the rows of items`,
  );
}

/** Reads the model of `--encoder` for a build in parts. Undefined without one. */
export async function readPartsEncoder(options: Chosen, { itemCount, dim }: Sizes): Promise<EncoderModel | undefined> {
  if (options.encoder === undefined) return undefined;
  const none = { data: new Float32Array(), shape: [0, dim] as const };
  const { encoder } = await readEncoderModel({ encoder: options.encoder } as BuildArguments, none);
  const { items, dim: width, classCount } = (encoder?.shape ?? {}) as Partial<Record<string, unknown>>;
  if (items !== "tied") {
    throw new RangeError(`'--encoder' beside '--parts' expected a tied encoder, which reads the rows, got '--no-tied'`);
  }
  if (classCount !== itemCount || width !== dim) {
    throw new RangeError(`'--encoder' expected ${itemCount} items of ${dim} values, got ${classCount} of ${width}`);
  }
  if (encoder) checkSize({ ...encoder.shape, dim });
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
export function encoderOfBlock(
  { shape, tables }: EncoderModel,
  { firstRow, rows, dim }: { readonly firstRow: number; readonly rows: number; readonly dim: number },
): EncoderModel {
  const classes = tables.classes?.subarray(firstRow * dim, (firstRow + rows) * dim);
  return { shape, tables: { ...tables, ...(classes && { classes }) } };
}
