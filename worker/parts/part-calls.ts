import type { PartialAnswer, Question } from "../../src/parts/index.ts";
import { MESSAGE_VERSION } from "../../src/parts/message.ts";
import { problemOf } from "../host/problem-of.ts";
import type { AnsweringPart } from "./answering-part.ts";
import type { AskedParts } from "./asked-parts.ts";
import { OtherChanges } from "./part-problem.ts";
import { answersOf } from "./partial-route.ts";
import { changesOfAnswer } from "./require-changes.ts";

// A router asks objects of its own script by calls. They take a quarter less time than POST /v1/partial, whose questions they
// carry as objects.

/** What the headers and the version of messages say in POST /v1/partial. */
export interface PartCall extends AskedParts {
  readonly version: number;
  /** The changes that answers must have. Undefined for a router that follows no log. */
  readonly changes?: string | undefined;
}

/** The error of a call. */
export interface CallProblem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** The changes that the part has, if they are not those that it was asked for. */
  readonly changes?: string | undefined;
}

/**
 * The answers with their popularity bands and the changes that they have, or the error. Errors that are thrown arrive without
 * their fields.
 */
export type CallAnswer =
  | { readonly answers: readonly PartialAnswer[]; readonly bands: string; readonly changes?: string | undefined }
  | { readonly problem: CallProblem };

/** An object that answers calls. */
export interface CalledObject {
  answer(call: PartCall, questions: readonly Question[]): Promise<CallAnswer>;
}

/** Answers a call by the part that `find` returns. */
export async function answerCall(
  call: PartCall,
  questions: readonly Question[],
  find: (asked: AskedParts) => Promise<AnsweringPart>,
): Promise<CallAnswer> {
  try {
    if (call.version !== MESSAGE_VERSION) {
      throw new RangeError(
        `"version" of the message expected ${MESSAGE_VERSION}, which this midx has, got ${call.version}`,
      );
    }
    const part = await find(call);
    const changes = changesOfAnswer(part, call.changes); // all questions are answered in this step, before others can change the part
    return { ...(await answersOf(part, questions)), changes };
  } catch (error) {
    const { status, code, message: detail } = problemOf(error as Error);
    return { problem: { status, code, detail, changes: error instanceof OtherChanges ? error.state : undefined } };
  }
}
