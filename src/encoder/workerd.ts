export { hasEncoder } from "./has-encoder.ts";
export type { EncoderOptions } from "./module-option.ts";
export { openEncoder } from "./open-imported.ts";
export type { EncoderStep, EncodeSequenceOptions, Item, SequenceEncoder } from "./sequence-encoder.ts";
