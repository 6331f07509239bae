import { foreignRemedy } from "../../src/internal.ts";

// /v1/decode has the names that OpenAI and vLLM have. Its options, and the library's messages about them, are translated.

/** The names of options of the library that /v1/decode has under other names. */
const NAMES = {
  allow: "allowed_token_ids",
  bias: "logit_bias",
  repetitionPenalty: "repetition_penalty",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  topK: "top_k",
  topP: "top_p",
  minP: "min_p",
  targetError: "target_error",
  topLogProbabilities: "logprobs",
} as const;

/** The steps of an order, which the library has under names of its own. */
export const DECODE_STEPS = ["temperature", "min_p", "top_k", "top_p"] as const;
const LIBRARY_STEPS = { temperature: "temperature", min_p: "minP", top_k: "topK", top_p: "topP" } as const;

/** The name of a field of /v1/decode for an option of the library. */
export const decodeName = (option: string): string =>
  Object.hasOwn(NAMES, option) ? NAMES[option as keyof typeof NAMES] : option;

const OPTIONS = new RegExp(`\\b(${Object.keys(NAMES).join("|")})\\b`, "g");

/** Writes the options in a message of the library as /v1/decode names them. */
export const inDecodeNames = (message: string): string =>
  message.replace("bias.ids", "bias").replace(OPTIONS, (option) => decodeName(option));

/** Says what to use in place of a field that other decoders have. Undefined for any other name. */
export function remedyOf(field: string): string | undefined {
  const option = /^[a-z_]+$/.test(field)
    ? field.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    : "";
  const remedy = foreignRemedy(option);
  return remedy && inDecodeNames(remedy);
}

type LogitBias = Readonly<Record<string, unknown>>;

/** The conditions of decode as requests have them. */
interface DecodeConditions {
  readonly temperature?: number | undefined;
  readonly exclude?: readonly unknown[] | undefined;
  readonly allowed_token_ids?: readonly unknown[] | undefined;
  readonly logit_bias?: LogitBias | undefined;
  readonly history?: readonly unknown[] | undefined;
  readonly repetition_penalty?: number | undefined;
  readonly presence_penalty?: number | undefined;
  readonly frequency_penalty?: number | undefined;
}

interface DecodeFields extends DecodeConditions {
  readonly conditions?: readonly DecodeConditions[] | undefined;
  readonly top_k?: number | undefined;
  readonly top_p?: number | undefined;
  readonly min_p?: number | undefined;
  readonly order?: readonly (typeof DECODE_STEPS)[number][] | undefined;
  readonly target_error?: number | undefined;
  readonly logprobs?: number | undefined;
}

/** Gives the fields of a request the names of the library. */
export function libraryNames<Fields extends DecodeFields>(fields: Fields) {
  const { top_k, top_p, min_p, order, target_error, logprobs, conditions, ...others } = fields;
  return {
    ...conditionNames(others),
    ...(conditions && { conditions: conditions.map((own) => conditionNames(own)) }),
    ...(top_k !== undefined && { topK: top_k }),
    ...(top_p !== undefined && { topP: top_p }),
    ...(min_p !== undefined && { minP: min_p }),
    ...(order && { order: order.map((step) => LIBRARY_STEPS[step]) }),
    ...(target_error !== undefined && { targetError: target_error }),
    ...(logprobs !== undefined && { topLogProbabilities: logprobs }),
  };
}

function conditionNames<Fields extends DecodeConditions>(fields: Fields) {
  const { allowed_token_ids, logit_bias, repetition_penalty, presence_penalty, frequency_penalty, ...others } = fields;
  return {
    ...others,
    ...(allowed_token_ids && { allow: allowed_token_ids }),
    ...(logit_bias && { bias: biasOf(logit_bias) }),
    ...(repetition_penalty !== undefined && { repetitionPenalty: repetition_penalty }),
    ...(presence_penalty !== undefined && { presencePenalty: presence_penalty }),
    ...(frequency_penalty !== undefined && { frequencyPenalty: frequency_penalty }),
  };
}

/** A key of digits is an id, and any other key a label. */
const biasOf = (bias: LogitBias) => ({
  ids: Object.keys(bias).map((key) => (/^\d{1,10}$/.test(key) ? Number(key) : key)),
  values: Object.values(bias),
});
