import type { PartialAnswer, Question } from "../../src/parts/index.ts";
import { MESSAGE_VERSION } from "../../src/parts/message.ts";
import { problemOf } from "../host/problem-of.ts";
import type { AnsweringPart } from "./answering-part.ts";
import type { AskedParts } from "./asked-parts.ts";
import { answersOf } from "./partial-route.ts";

// A router asks objects of its own script by calls. They take a quarter less time than POST /v1/partial, whose questions they
// carry as objects.

/** What the headers and the version of messages say in POST /v1/partial. */
export interface PartCall extends AskedParts {
  readonly version: number;
}

/** The answers with their popularity bands, or the error. Errors that are thrown arrive without their fields. */
export type CallAnswer =
  | { readonly answers: readonly PartialAnswer[]; readonly bands: string }
  | { readonly problem: { readonly status: number; readonly code: string; readonly detail: string } };

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
    return await answersOf(await find(call), questions);
  } catch (error) {
    const { status, code, message: detail } = problemOf(error as Error);
    return { problem: { status, code, detail } };
  }
}
