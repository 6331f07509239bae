import * as v from "valibot";
import { contentId, version } from "./answer-fields.ts";

export const healthAnswer = v.strictObject({ status: v.pipe(v.literal("ok"), v.description("The isolate runs.")) });

export const readyAnswer = v.strictObject({
  status: v.pipe(
    v.picklist(["ready", "degraded"]),
    v.description("ready, or degraded: a newer index or a canary is published and cannot be served."),
  ),
  version,
  contentId,
  canary: v.exactOptional(
    v.pipe(
      v.strictObject({
        version,
        share: v.pipe(v.number(), v.description("The share of the callers that it answers.")),
      }),
      v.description("The version that is tried with a share of the callers."),
    ),
  ),
  reason: v.exactOptional(
    v.pipe(
      v.strictObject({
        code: v.pipe(v.string(), v.description("The error code that a request would get without an index.")),
        detail: v.pipe(v.string(), v.description("The reason in words.")),
      }),
      v.description("The reason why the newer index or the canary cannot be served."),
    ),
  ),
});
