import { numberOf, objectOf, onlyFields, versionOf } from "./fields.ts";

/** A version that is tried with a share of the callers. */
export interface Canary {
  /** Its name. */
  readonly version: string;
  /** The share of the callers that it answers, from 0 to 1. */
  readonly share: number;
}

/** Reads the canary of a pointer or a manifest, as the other readers of fields do. */
export function canaryOf(value: unknown, form: "pointer" | "manifest"): Canary {
  const { version, share } = onlyFields(objectOf(value, '"canary"'), ["version", "share"], "canary.", form);
  return { version: versionOf(version, "canary.version"), share: numberOf(share, "canary.share", 0, 1) };
}
