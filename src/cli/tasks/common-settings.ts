import { checkSeed } from "../../checks/check.ts";
import type { CommonSettings } from "../../train/build/common-codebooks.ts";
import type { BuildPlan } from "./plan.ts";

/** Returns the settings that all parts of a plan share, as the library takes them. */
export const commonSettings = ({ settings }: Pick<BuildPlan, "settings">): CommonSettings => ({
  quantizer: settings.quantizer,
  bits: settings.bits,
  metric: settings.metric,
  hasFineCodes: settings.fineCodes,
  seed: checkSeed(BigInt(settings.seed)),
});
