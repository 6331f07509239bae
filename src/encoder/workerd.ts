export { hasEncoder } from "./has-encoder.ts";
export type { EncodeSequenceOptions, Item } from "./item-ids.ts";
export type { EncoderOptions } from "./module-option.ts";
export { openEncoder, openSharedEncoder } from "./open-imported.ts";
export type { EncoderStep, SequenceEncoder } from "./sequence-encoder.ts";
export type { Stateful as SharedEncoder, StatefulStep as SharedStep } from "./stateful.ts";
