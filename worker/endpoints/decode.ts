import { LEAST_ROOM } from "../../src/internal.ts";
import type { Decoded } from "../../src/public.ts";
import { decodeName, inDecodeNames } from "../contract/decode-names.ts";
import { Problem } from "../contract/problem.ts";
import { decodeSchema, type FieldsOf } from "../contract/requests.ts";
import type { DecodeAnswer } from "../contract/wire.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { decodeWork, RANK } from "../request/decode-work.ts";
import { labelsJson } from "../request/ids.ts";
import type { Endpoint } from "./endpoint.ts";

const BAD_REQUEST = 400;

/** POST /v1/decode: the next class, drawn from the truncated softmax, under the names that OpenAI and vLLM have. */
export const decode: Endpoint<FieldsOf<typeof decodeSchema>> = {
  path: "/v1/decode",
  schema: decodeSchema,
  nameOf: decodeName,
  work: (info, options, conditions) => decodeWork(info, options, conditions),
  lessWork: `send fewer queries, items, features or conditions, a "top_k" of at most ${LEAST_ROOM}, or no "certain" or "logprobs"`,
  answer: async ({ index, queries, options, conditions, spareWork }) => {
    const decoded = await ranking(Math.floor(spareWork / RANK), async (maxRanked) =>
      index.decode(queries, { ...options, ...conditions, maxRanked }),
    );
    return decoded.map((answer) => decodedJson(index, answer));
  },
};

/**
 * Lets a call rank this many classes for each query. If a query needs more, the 400 names the remedy. Errors name the fields.
 */
async function ranking<Result>(maxRanked: number, call: (maxRanked: number) => Promise<Result>): Promise<Result> {
  try {
    return await call(maxRanked);
  } catch (error) {
    if (error instanceof Problem && error.status !== BAD_REQUEST) throw error; // it names no option
    const { message } = error as Error;
    const [, needed] = /^"maxRanked" expected at least (\d+)/.exec(message) ?? [];
    if (needed === undefined) throw Object.assign(error as Error, { message: inDecodeNames(message) });
    throw new Problem(
      "too_much_work",
      `a query has to rank ${needed} classes, the rest of the limit allows ${maxRanked}: send fewer queries, a larger "min_p", a "top_k" of at most ${LEAST_ROOM}, a smaller "top_p" or a lower "temperature"`,
    );
  }
}

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
