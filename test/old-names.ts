import type { Estimated } from "../src/public.ts";

/** An answer of the library with the fields that the service adds under their old names. */
export function withOldNames(answer: object | readonly object[]): object {
  if (Array.isArray(answer)) return answer.map(withOldNames);
  const { choice } = answer as Estimated;
  if (!choice) return answer;
  const expectedErrorAtFirst = choice.expectedErrorAtDefault;
  return { ...answer, choice: { ...choice, ...(expectedErrorAtFirst !== undefined && { expectedErrorAtFirst }) } };
}
