import type { Context } from "hono";
import type { AnsweringPart } from "./answering-part.ts";
import { OtherChanges, PartProblem } from "./part-problem.ts";
import { CHANGES_HEADER, TAKES_NONE } from "./protocol.ts";

/**
 * Returns the changes that answers of a part have: those that its router asks for, or those of its file for a router without a log.
 * Undefined for a part that takes none. It refuses changes that the part does not have.
 */
export function changesOfAnswer(
  { changes }: Pick<AnsweringPart, "changes">,
  wanted: string | undefined,
): string | undefined {
  if (!changes) {
    if (wanted === undefined) return undefined;
    throw takesNone();
  }
  const { state, first } = changes;
  const asked = wanted ?? first;
  if (changes.has(asked)) return asked;
  const named = wanted === undefined ? "none: its router follows no log" : wanted;
  throw new OtherChanges(state, `the part has the changes ${state}, and was asked for ${named}`);
}

/** Refuses a request as changesOfAnswer does, and says which changes the part has. Returns the header of the answer. */
export function requireChanges(c: Context, part: Pick<AnsweringPart, "changes">): Readonly<Record<string, string>> {
  try {
    const state = changesOfAnswer(part, c.req.header(CHANGES_HEADER));
    return state === undefined ? {} : { [CHANGES_HEADER]: state };
  } catch (error) {
    if (error instanceof OtherChanges) c.header(CHANGES_HEADER, error.state);
    throw error;
  }
}

/** The error of a host that takes no changes. */
export const takesNone = (): PartProblem => new PartProblem("changes_differ", `this host ${TAKES_NONE}`);
