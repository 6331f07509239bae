import { PartFailure } from "./part-failure.ts";

/** Reads the JSON that a host answers with, which may be anything. */
export function hostJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PartFailure("it answered 200 with a body that is no JSON: check that a host of parts is at its address");
  }
}
