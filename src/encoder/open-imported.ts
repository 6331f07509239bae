import encoder from "../../build/encoder.wasm";
import type { MultiIndex } from "../index/multi-index.ts";
import { type EncoderOptions, moduleOf } from "./module-option.ts";
import { SequenceEncoder } from "./sequence-encoder.ts";
import { type SharedEncoder, sharedEncoder } from "./shared-encoder.ts";

/** `openEncoder` for Cloudflare Workers, documented in open-inlined.ts: the module is imported. */
export const openEncoder = async (index: MultiIndex, options: EncoderOptions = {}): Promise<SequenceEncoder> =>
  new SequenceEncoder(index, moduleOf(options) ?? encoder);

/** `openSharedEncoder` for Cloudflare Workers, documented in open-inlined.ts: the module is imported. */
export const openSharedEncoder = async (message: Uint8Array, options: EncoderOptions = {}): Promise<SharedEncoder> =>
  sharedEncoder(moduleOf(options) ?? encoder, message);
