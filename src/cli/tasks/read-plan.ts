import { FormatError } from "../../bytes/format-error.ts";
import { type InputFile, naming } from "../files/input-file.ts";
import { shownPath } from "../remote/address.ts";
import { type BuildPlan, MAX_PLAN_BYTES, parsePlan } from "./plan.ts";

/** Reads a plan, and closes its file. Errors name it. */
export const readPlan = (path: string, open: () => Promise<InputFile>): Promise<BuildPlan> =>
  naming(shownPath(path), async () => {
    const file = await open();
    try {
      if (file.byteLength > MAX_PLAN_BYTES) {
        throw new FormatError("plan", 0, `the plan: expected at most ${MAX_PLAN_BYTES} bytes, got ${file.byteLength}`);
      }
      return parsePlan(new TextDecoder().decode(await file.read(0, file.byteLength)));
    } finally {
      await file.close();
    }
  });
