import { FormatError } from "../../bytes/format-error.ts";
import { naming, openFile } from "../files/input-file.ts";
import { type BuildPlan, MAX_PLAN_BYTES, parsePlan } from "./plan.ts";

/** Reads a plan. Errors name the file. */
export const readPlan = (path: string): Promise<BuildPlan> =>
  naming(path, async () => {
    const file = await openFile(path);
    try {
      if (file.byteLength > MAX_PLAN_BYTES) {
        throw new FormatError("plan", 0, `the plan: expected at most ${MAX_PLAN_BYTES} bytes, got ${file.byteLength}`);
      }
      return parsePlan(new TextDecoder().decode(await file.read(0, file.byteLength)));
    } finally {
      await file.close();
    }
  });
