import type { Context } from "hono";
import type { AnsweringPart } from "./answering-part.ts";
import { PartProblem } from "./part-problem.ts";
import { CHANGES_HEADER, TAKES_NONE } from "./protocol.ts";

/**
 * Refuses a request for an answer with other changes than the part has, and says which it has. A router without a log asks for
 * none, so it gets answers of files alone. Returns the header that says so of the answer.
 */
export function requireChanges(
  c: Context,
  { changes }: Pick<AnsweringPart, "changes">,
): Readonly<Record<string, string>> {
  const wanted = c.req.header(CHANGES_HEADER);
  if (!changes) {
    if (wanted === undefined) return {};
    throw takesNone();
  }
  const { state, first } = changes;
  const asked = wanted ?? first;
  if (changes.has(asked)) return { [CHANGES_HEADER]: asked };
  c.header(CHANGES_HEADER, state);
  const named = wanted === undefined ? "none: its router follows no log" : wanted;
  throw new PartProblem("changes_differ", `the part has the changes ${state}, and was asked for ${named}`);
}

/** The error of a host that takes no changes. */
export const takesNone = (): PartProblem => new PartProblem("changes_differ", `this host ${TAKES_NONE}`);
