/**
 * Queries of sequences: {@link openEncoder} opens the encoder that an index file carries, gated recurrent units or blocks of
 * self-attention, which reads what somebody chose or wrote, item by item. docs/sequences.md shows how to train one.
 *
 * @module
 */
export { hasEncoder } from "./has-encoder.ts";
export type { EncodeSequenceOptions, Item } from "./item-ids.ts";
export type { EncoderOptions } from "./module-option.ts";
export { openEncoder, openSharedEncoder } from "./open-inlined.ts";
export type { SequenceEncoder } from "./sequence-encoder.ts";
export type { SharedEncoder } from "./shared-encoder.ts";
export type { EncoderStep } from "./stateful.ts";
