import type { SamplerFactory } from "../../train/model/train-options.ts";

/** What classes are drawn by; `full` draws none, for the softmax over all of them. */
export const SAMPLERS: Readonly<Record<string, SamplerFactory | undefined>> = { full: undefined };
