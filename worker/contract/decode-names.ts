import { foreignRemedy } from "../../src/internal.ts";

// /v1/decode has the names that OpenAI and vLLM have. Its options, and the library's messages about them, are translated.

/** The fields of /v1/decode that the library has under other names. */
const OPTIONS = {
  allowed_token_ids: "allow",
  logit_bias: "bias",
  repetition_penalty: "repetitionPenalty",
  presence_penalty: "presencePenalty",
  frequency_penalty: "frequencyPenalty",
  unknown_labels: "unknownLabels",
  top_k: "topK",
  top_p: "topP",
  min_p: "minP",
  target_error: "targetError",
  logprobs: "topLogProbabilities",
} as const;
const FIELDS = new Map<string, string>(Object.entries(OPTIONS).map(([field, option]) => [option, field]));

/** The steps of an order. */
export const DECODE_STEPS = ["temperature", "min_p", "top_k", "top_p"] as const;

/** The name of a field of /v1/decode for an option of the library. */
export const decodeName = (option: string): string => FIELDS.get(option) ?? option;

const ANY_OPTION = new RegExp(`\\b(${[...FIELDS.keys()].join("|")})\\b`, "g");

/** Writes the options in a message of the library as /v1/decode names them. */
export const inDecodeNames = (message: string): string =>
  message.replace("bias.ids", "bias").replace(ANY_OPTION, decodeName);

/** Names the replacement for a field that other decoders or the library have. Undefined for any other name. */
export function remedyOf(field: string): string | undefined {
  const remedy = FIELDS.has(field) ? `it is called "${field}" here` : foreignRemedy(field);
  return remedy && inDecodeNames(remedy);
}

type OptionOf<Field> = Field extends keyof typeof OPTIONS ? (typeof OPTIONS)[Field] : Field;
type ValueOf<Field, Given> = Field extends "logit_bias"
  ? ReturnType<typeof biasOf>
  : Field extends "order"
    ? readonly OptionOf<(typeof DECODE_STEPS)[number]>[]
    : Field extends "conditions"
      ? Given extends readonly (infer Own)[]
        ? readonly LibraryNames<Own>[]
        : Given
      : Given;
/** The fields of a request under the names of the library. */
type LibraryNames<Fields> = { [Field in keyof Fields as OptionOf<Field>]: ValueOf<Field, Fields[Field]> };

/** Gives the checked fields of a request the names of the library. */
export const libraryNames = <Fields extends object>(fields: Fields): LibraryNames<Fields> =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [optionOf(field), valueUnder(field, value)]),
  ) as LibraryNames<Fields>;

const optionOf = (field: string): string => (OPTIONS as Readonly<Record<string, string>>)[field] ?? field;

function valueUnder(field: string, value: unknown): unknown {
  if (field === "logit_bias") return biasOf(value as Readonly<Record<string, unknown>>);
  if (field === "order") return (value as readonly string[]).map(optionOf);
  return field === "conditions" ? (value as readonly object[]).map((own) => libraryNames(own)) : value;
}

/** A key of up to 10 digits, as a number is written, is an id, and any other key a label. */
const biasOf = (bias: Readonly<Record<string, unknown>>) => ({
  ids: Object.keys(bias).map((key) => (/^(0|[1-9]\d{0,9})$/.test(key) ? Number(key) : key)),
  values: Object.values(bias),
});
