import type { Context, Hono } from "hono";
import { decodeQuestion, encodeAnswer, type PartialAnswer, type Question } from "../../src/parts/index.ts";
import { MAX_BATCH } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";
import { REQUEST_ID_HEADER } from "../middleware/request-id.ts";
import { readMessages } from "../request/body.ts";
import type { AnsweringPart, GroupInfo, PartFor } from "./answering-part.ts";
import { askedParts } from "./asked-parts.ts";
import { joinMessages, splitMessages } from "./frames.ts";
import { UnknownGeneration } from "./part-failure.ts";
import { PartProblem } from "./part-problem.ts";
import {
  BANDS_HEADER,
  MAX_MESSAGES_BYTES,
  MESSAGES_TYPE,
  PART_ENCODER_PATH,
  PART_PATH,
  PARTIAL_PATH,
} from "./protocol.ts";
import { requireChanges } from "./require-changes.ts";

/** Facts about a part, as GET /v1/part writes them. */
export interface PartDescription {
  readonly generation: string;
  readonly numbers: readonly number[];
  readonly info: GroupInfo;
  /** The version of the questions that its host also takes by calls (part-calls.ts). Undefined if it takes none. */
  readonly calls?: number | undefined;
}

interface PartialRouteOptions {
  /** Throws a Problem for questions that the part is not to answer. Default: there are none. */
  readonly check?: (c: Context, part: AnsweringPart, questions: readonly Question[]) => void;
  /** The version of the questions that the host also takes by calls. Default: it takes none. */
  readonly calls?: number | undefined;
}

/**
 * Adds the routes that routers ask: POST /v1/partial, GET /v1/part and GET /v1/part/encoder. `partFor` finds or loads the part
 * that answers.
 */
export function partialRoutes(
  app: Hono,
  partFor: PartFor,
  { check = () => undefined, calls }: PartialRouteOptions = {},
): void {
  app.post(PARTIAL_PATH, async (c) => {
    c.set("route", PARTIAL_PATH);
    const asked = askedParts(c);
    const questions = splitMessages(await readMessages(c, MESSAGES_TYPE, MAX_MESSAGES_BYTES), MAX_BATCH).map(
      decodeQuestion,
    );
    const part = await partFor(c, asked);
    check(c, part, questions);
    const state = requireChanges(c, part); // all questions are answered in this step, before others can change the part
    const { answers, bands } = await answersOf(part, questions);
    const body = joinMessages(answers.map(encodeAnswer));
    // Between Workers a response tells its length only if its sender does.
    const length = { "content-length": String(body.byteLength) };
    const about = { [REQUEST_ID_HEADER]: c.get("requestId"), [BANDS_HEADER]: bands };
    return new Response(body, { headers: { "content-type": MESSAGES_TYPE, ...about, ...length, ...state } });
  });
  app.get(PART_PATH, async (c) => {
    c.set("route", PART_PATH);
    const asked = askedParts(c);
    const part = await partFor(c, asked);
    const { described: info = part.info } = part;
    const { generation, numbers } = asked;
    return c.json({ generation, numbers, info, calls } satisfies PartDescription);
  });
  app.get(PART_ENCODER_PATH, async (c) => {
    c.set("route", PART_ENCODER_PATH);
    const part = await partFor(c, askedParts(c));
    const encoder = await ofThisGeneration(() => part.encoder());
    return new Response(encoder, { headers: { "content-type": MESSAGES_TYPE } });
  });
}

/** Answers questions, with the popularity band of the best class of each answer. */
export async function answersOf(
  part: AnsweringPart,
  questions: readonly Question[],
): Promise<{ readonly answers: readonly PartialAnswer[]; readonly bands: string }> {
  const answers = await Promise.all(questions.map((question) => answerOf(part, question)));
  return { answers, bands: answers.map(({ top }) => part.bandOf(top?.ids[0] ?? -1)).join("") };
}

/** Asks a part. The parts behind a router may have lost the generation. */
async function ofThisGeneration<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UnknownGeneration) throw new PartProblem("unknown_generation", error.message);
    throw error;
  }
}

/** A question that has the wrong number of values, or ids that the part lacks, is a wrong request. */
async function answerOf(part: AnsweringPart, question: Question): Promise<PartialAnswer> {
  const { itemCount, dim } = part.info;
  const values = question.call === "classes" ? 0 : dim;
  if (question.query.length !== values) {
    throw new Problem("invalid_field", `"query" expected ${values} values, got ${question.query.length}`);
  }
  const wrong = question.ids.find((id) => id >= itemCount);
  if (wrong !== undefined) throw new Problem("invalid_field", `"ids" expected ids below ${itemCount}, got ${wrong}`);
  return ofThisGeneration(() => part.answer(question));
}
