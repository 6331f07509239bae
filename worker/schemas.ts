import * as v from "valibot";
import { DEFAULT_DRAWS, DEFAULT_K, DEFAULT_SCAN, DEFAULT_TOP_K, MAX_DRAWS, MAX_K } from "./limits.ts";

/** Longest piece of a wrong value that an error repeats, characters. */
const MAX_ECHO = 32;

/** Only that it is an array: the loop of vectors.ts checks the numbers (76,800 of them: 0.3 ms, valibot 64 ms). */
const numbers = v.custom<readonly unknown[]>(Array.isArray, wrong("an array"));
const draws = integer(0, MAX_DRAWS);
const scan = v.exactOptional(integer(0, 2 ** 31 - 1), DEFAULT_SCAN);
/** 64 bits don't fit a JSON number: a decimal string is taken too, and is what answers give back. */
const wrongSeed = wrong("an integer below 2^53 or a string of decimal digits");
const decimal = v.pipe(
  v.string(),
  v.regex(/^-?\d{1,40}$/, wrongSeed),
  v.transform((digits: string) => BigInt(digits)),
);
const seed = v.exactOptional(v.union([v.pipe(v.number(), v.safeInteger(wrongSeed)), decimal], wrongSeed));
const queries = { vector: v.exactOptional(numbers), vectors: v.exactOptional(numbers) };
const exact = v.exactOptional(v.boolean(wrong("true or false")), false);
const estimate = { scan, exact, draws: v.exactOptional(draws, DEFAULT_DRAWS), seed };

export const predictSchema = v.strictObject(
  { ...queries, ...estimate, k: v.exactOptional(integer(0, MAX_K), DEFAULT_K) },
  objectMessage,
);
export const logzSchema = v.strictObject({ ...queries, ...estimate }, objectMessage);
export const sampleSchema = v.strictObject({ ...queries, scan, exact, draws, seed }, objectMessage);

/** Cloudflare Vectorize's query. Its filter, namespace, metadata and values don't exist here and are refused by name. */
export const vectorizeSchema = v.strictObject(
  {
    vector: numbers,
    topK: v.exactOptional(integer(0, MAX_K), DEFAULT_TOP_K),
    returnValues: v.exactOptional(v.literal(false, unsupported("false"))),
    returnMetadata: v.exactOptional(v.union([v.literal(false), v.literal("none")], unsupported('"none" or false'))),
    filter: v.exactOptional(v.never(unsupported("none"))),
    namespace: v.exactOptional(v.never(unsupported("none"))),
  },
  objectMessage,
);

function integer(min: number, max: number) {
  const message = wrong(`an integer from ${min} to ${max}`);
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

function wrong(expected: string) {
  return (issue: v.BaseIssue<unknown>): string => `expected ${expected}, got ${issue.received.slice(0, MAX_ECHO)}`;
}

function unsupported(expected: string): string {
  return `is not supported: expected ${expected}`;
}

/** The one message of an object schema: for the body itself, for a missing field and for an unknown one. */
function objectMessage(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === "never") return "is not a field of this request";
  if (issue.path) return "is required";
  return `body ${wrong("a JSON object")(issue)}`;
}
