import encoderBytes from "../../build/encoder.wasm?bytes";
import type { MultiIndex } from "../index/multi-index.ts";
import { type EncoderOptions, moduleOf } from "./module-option.ts";
import { SequenceEncoder } from "./sequence-encoder.ts";
import { type SharedEncoder, sharedEncoder } from "./shared-encoder.ts";

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * Opens the encoder of an index that was built with one. `encode` of the index then takes sequences, too. The encoder has
 * memory of its own, and ends with the index.
 *
 * @param index a loaded index
 * @param options the module to use
 * @returns the encoder
 * @throws RangeError for an index without an encoder
 * @throws FormatError for weights that are not finite and for an encoder that this version does not know
 *
 * @example
 * const encoder = await openEncoder(index);
 * const { ids } = index.topK(index.encode(["item-17", "item-4"]), 10);
 * const { state, query } = encoder.step(encoder.start(), "item-17");
 */
export async function openEncoder(index: MultiIndex, options: EncoderOptions = {}): Promise<SequenceEncoder> {
  return new SequenceEncoder(index, await moduleFor(options));
}

/**
 * Opens the encoder that the parts of an index share, for `createRouter` of midx/router: it reads the rows of items, which the
 * router asks its parts for.
 *
 * @param message the weights, as a part sends them
 * @param options the module to use
 * @returns the encoder, which makes queries of rows
 * @throws RangeError for another message
 *
 * @example
 * const options = { sequences: openSharedEncoder }; // sequencesBy of midx/router takes it
 */
export async function openSharedEncoder(message: Uint8Array, options: EncoderOptions = {}): Promise<SharedEncoder> {
  return sharedEncoder(await moduleFor(options), message);
}

async function moduleFor(options: EncoderOptions): Promise<WebAssembly.Module> {
  const given = moduleOf(options);
  if (given) return given;
  compiled ??= WebAssembly.compile(encoderBytes);
  return compiled;
}
