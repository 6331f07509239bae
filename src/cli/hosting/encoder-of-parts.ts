import { encoderMessage } from "../../encoder/encoder-message.ts";
import { openSharedEncoder } from "../../encoder/index.ts";
import type { SharedEncoder } from "../../encoder/shared-encoder.ts";
import type { MultiIndex } from "../../index/multi-index.ts";

/** Opens the encoder that parts in this process share. All of them carry it. Undefined if they have none. */
export async function encoderOfParts([first]: readonly MultiIndex[]): Promise<SharedEncoder | undefined> {
  const message = first && encoderMessage(first);
  return message && openSharedEncoder(message);
}
