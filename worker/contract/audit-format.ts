// A service hands out its audits as JSON lines of this format, and `midx calibrate --audits` reads them.

export const AUDIT_FORMAT = "midx-audit";
/** Rises when a reader of the last version would misread a line. */
export const AUDIT_VERSION = 1;
