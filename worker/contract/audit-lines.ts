import * as v from "valibot";
import { AUDIT_FORMAT, AUDIT_VERSION, DECODE_AUDIT_FORMAT } from "./audit-format.ts";

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const size = v.pipe(v.number(), v.finite(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(256));

/** The fields of the index and of the call that an audit belongs to. */
const common = {
  formatVersion: v.literal(AUDIT_VERSION),
  /** The content id of the index that answered. */
  contentId: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** The name of the estimator of the standard error. */
  estimator: text,
  requestId: text,
  path: text,
  /** The temperature of the call, and whether it had filters or changed logits. */
  temperature: size,
  filtered: v.boolean(),
  /** The query, if the service is told to keep it. */
  query: v.exactOptional(v.array(v.pipe(v.number(), v.finite()))),
};

/** One estimate beside the exact log-partition. Numbers that JSON lacks are null. */
export const auditLine = v.strictObject({
  format: v.literal(AUDIT_FORMAT),
  ...common,
  /** The proposal of the call, its head and its draws. */
  proposal: v.picklist(["buckets", "codes"]),
  scan: v.union([count, v.literal("auto")]),
  draws: count,
  /** The share of the estimate that was sampled. */
  tailShare: share,
  /** The part of the standard error that the model of the tail gives, before the factor of the calibration. */
  modelError: v.nullable(size),
  standardError: v.nullable(size),
  /** The estimated minus the exact log-partition. */
  error: v.pipe(v.number(), v.finite()),
  /** The number of classes asked for, and the number of the exact k best that the answer had. */
  k: count,
  hits: count,
});

/** One nucleus by the estimate beside that of all rows. */
export const decodeAuditLine = v.strictObject({
  format: v.literal(DECODE_AUDIT_FORMAT),
  ...common,
  standardError: v.nullable(size),
  /** The numbers of classes that were kept, that the truncations keep, and that the standard error left in doubt. */
  kept: count,
  keptByAll: count,
  undecided: count,
  /** The log-probability of the answer minus that under the true law. */
  error: v.pipe(v.number(), v.finite()),
});

export type AuditLine = v.InferOutput<typeof auditLine>;
export type DecodeAuditLine = v.InferOutput<typeof decodeAuditLine>;
