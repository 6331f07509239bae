import * as v from "valibot";
import { array, objectMessage, wrong } from "./messages.ts";

// The schemas of requests of services whose index makes queries of sequences. Loops check the elements.

const unknownItems = v.exactOptional(v.picklist(["refuse", "skip"], wrong('"refuse" or "skip"')));

/** The queries that every call takes beside those of all services. */
export const sequenceQueries = {
  sequence: v.exactOptional(array),
  sequences: v.exactOptional(array),
  unknownItems,
};

const state = v.strictObject({ contentId: v.string(wrong("a string")), values: v.string(wrong("base64")) }, (issue) =>
  issue.expected === "never" || issue.path ? objectMessage(issue) : wrong("the state of an answer")(issue),
);

/** The sequence that /v1/encode reads, from a state on. */
export const encodeSchema = v.strictObject(
  { sequence: array, unknownItems, state: v.exactOptional(state) },
  encodeMessage,
);

/** The message of /v1/encode, which reads one sequence: its answer has one state. */
function encodeMessage(issue: v.BaseIssue<unknown>): string {
  const hasSeveral = "sequences" in Object(issue.path?.[0]?.input);
  return objectMessage(issue) + (hasSeveral ? ': send each of "sequences" in a request of its own' : "");
}
