import type { Decoded } from "../../src/public.ts";
import { decodeName, inDecodeNames } from "../contract/decode-names.ts";
import { decodeSchema, type FieldsOf } from "../contract/requests.ts";
import type { DecodeAnswer } from "../contract/wire.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { decodeWork } from "../request/decode-work.ts";
import { labelsJson } from "../request/ids.ts";
import type { Endpoint } from "./endpoint.ts";

/** POST /v1/decode: the next class, drawn from the truncated softmax, under the names that OpenAI and vLLM have. */
export const decode: Endpoint<FieldsOf<typeof decodeSchema>> = {
  path: "/v1/decode",
  schema: decodeSchema,
  names: { of: decodeName, inMessage: inDecodeNames },
  work: (info, options, conditions) => decodeWork(info, options, conditions),
  answer: async ({ index, queries, options, conditions }) =>
    (await index.decode(queries, { ...options, ...conditions })).map((answer) => decodedJson(index, answer)),
};

function decodedJson(index: ServedIndex, { top, ...answer }: Decoded) {
  return {
    id: answer.id,
    ...(index.info.hasLabels && { label: index.labels([answer.id])[0] as string }),
    score: answer.score,
    logprob: answer.logProbability,
    kept: answer.kept,
    certain: answer.certain,
    decided: answer.decided,
    undecided: answer.undecided,
    standard_error: answer.standardError,
    ...(top && { top: topJson(index, top) }),
    scored: answer.scored,
    seed: String(answer.seed),
  } satisfies DecodeAnswer;
}

const topJson = (index: ServedIndex, top: NonNullable<Decoded["top"]>) => ({
  ids: Array.from(top.ids),
  ...labelsJson(index, top.ids),
  logprobs: Array.from(top.logProbabilities),
  logprob: top.logProbability,
  standard_error: top.standardError,
});
