// A service hands out its audits as JSON lines of these formats. `midx calibrate --audits` reads those of estimates.

export const AUDIT_FORMAT = "midx-audit";
/** The format of audits of decode, which calibrate nothing. */
export const DECODE_AUDIT_FORMAT = "midx-decode-audit";
/** Rises when a reader of the last version would misread a line. */
export const AUDIT_VERSION = 1;
