import * as v from "valibot";

// The words of errors about fields. Hosts of parts need no schema of a request but their own.

/** Most characters of a wrong value that an error repeats. */
const MAX_ECHO = 32;

export function wrong(expected: string) {
  return (issue: v.BaseIssue<unknown>): string => `expected ${expected}, got ${issue.received.slice(0, MAX_ECHO)}`;
}

/** The message for an unknown field. */
export const NO_FIELD = "is not a field of this request";

/** The message of an object schema, for a body that is no object, for a missing field and for an unknown field. */
export function objectMessage(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === "never") return NO_FIELD;
  if (issue.path) return "is required";
  return `body ${wrong("a JSON object")(issue)}`;
}

/** Checks only that the value is an array. Loops check the elements: 76,800 numbers take 0.3 ms, with valibot 64 ms. */
export const array = v.custom<readonly unknown[]>(Array.isArray, wrong("an array"));
