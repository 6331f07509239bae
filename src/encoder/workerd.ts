export { hasEncoder } from "./has-encoder.ts";
export type { EncodeSequenceOptions, Item } from "./item-ids.ts";
export type { EncoderOptions } from "./module-option.ts";
export { openEncoder, openSharedEncoder } from "./open-imported.ts";
export type { SequenceEncoder } from "./sequence-encoder.ts";
export type { SharedEncoder } from "./shared-encoder.ts";
export type { EncoderStep } from "./stateful.ts";
