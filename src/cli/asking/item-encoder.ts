import { routedEncoder } from "../../../worker/router/routed-encoder.ts";
import type { ItemEncoder } from "../../../worker/sequences/encoders.ts";
import { hasEncoder, openEncoder } from "../../encoder/index.ts";
import { MultiIndex } from "../../index.ts";
import { encoderOfParts } from "../hosting/encoder-of-parts.ts";
import { type PartsInMemory, ServedParts } from "../hosting/served-parts.ts";
import type { AskedIndex } from "./asked-index.ts";

/** Opens the encoder of an index, or the one that its parts share. Undefined if it has none. */
export async function openItemEncoder(index: AskedIndex): Promise<ItemEncoder | undefined> {
  if (index instanceof MultiIndex) return hasEncoder(index) ? openEncoder(index) : undefined;
  return index.openEncoder?.();
}

/** Opens the encoder that parts share, which reads the rows of items from their parts. Undefined if they have none. */
export async function openEncoderOfParts({
  manifest,
  indexes,
  parted,
}: Pick<PartsInMemory, "manifest" | "indexes" | "parted">): Promise<ItemEncoder | undefined> {
  const shared = await encoderOfParts(indexes);
  return (
    shared && routedEncoder(new ServedParts({ manifest, indexes, parted, statistics: undefined, room: 0 }), shared)
  );
}
