import { sValidator } from "@hono/standard-validator";
import type { GenericSchema } from "valibot";
import { Problem } from "./problem.ts";

/** Checks a JSON body against its schema; the first fault becomes a 400 that names the field. */
export function validBody<const T extends GenericSchema>(schema: T) {
  return sValidator("json", schema, (result) => {
    const issue = result.success ? undefined : result.error[0];
    if (!issue) return;
    const field = issue.path?.map((segment) => (typeof segment === "object" ? segment.key : segment)).join(".");
    throw new Problem("invalid_field", field ? `"${field.slice(0, 64)}" ${issue.message}` : issue.message);
  });
}
