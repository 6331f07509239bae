import { createHash } from "node:crypto";
import * as v from "valibot";
import { AUDIT_FORMAT, AUDIT_VERSION, DECODE_AUDIT_FORMAT } from "../../../worker/contract/audit-format.ts";
import { type AuditLine, auditLine } from "../../../worker/contract/audit-lines.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { asText } from "../files/foreign-files.ts";
import { linesIn, readPieces, type TextLine } from "../inputs/text-lines.ts";

/** The most audits that are read: those of many isolates over some days. */
const MOST_AUDITS = 1_000_000;

/** The index that audits have to be about. */
export interface AuditedIndex {
  readonly contentId: string;
  readonly estimator: string;
  /** Says what to do about audits of another index. */
  readonly remedy: string;
}

/**
 * Reads the audits of a service, the lines of its /v1/audits. A line that occurs in several downloads counts once.
 *
 * @throws FormatError audit-line, text-utf8, text-line; RangeError for audits of another index or estimator
 */
export async function readAudits(path: string, index: AuditedIndex): Promise<AuditLine[]> {
  return asText(path, async () => {
    const audits = new Map<string, AuditLine>();
    for await (const lines of linesIn(readPieces(path))) {
      for (const line of lines) {
        if (line.text.trim() === "") continue;
        const audit = readLine(line);
        if (audit === undefined) continue;
        checkBelongs(audit, index, line.number);
        audits.set(digestOf(audit), audit);
        if (audits.size > MOST_AUDITS) throw new RangeError(`'--audits' expected at most ${MOST_AUDITS} audits`);
      }
    }
    if (audits.size === 0) throw new RangeError("'--audits' expected at least one audit, got none");
    return [...audits.values()];
  });
}

/**
 * Tells audits apart. A request id cannot: callers may give many requests the same one. The schema puts fields in one order.
 */
const digestOf = (audit: AuditLine): string => createHash("sha256").update(JSON.stringify(audit)).digest("base64");

/** Returns evenly spaced queries of audits, f32 (n, dim), at most `limit`. Undefined unless every audit has its query. */
export function queriesOf(audits: readonly AuditLine[], dim: number, limit: number): Float32Array | undefined {
  if (!audits.every(({ query }) => query?.length === dim)) return undefined;
  const count = Math.min(limit, audits.length);
  const queries = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    queries.set(audits[Math.floor((i * audits.length) / count)]?.query ?? [], i * dim);
  }
  return queries;
}

/** Returns undefined for an audit of decode, which is not about log Z. */
function readLine({ text, number, offset }: TextLine): AuditLine | undefined {
  const fail = (message: string): never => {
    throw new FormatError("audit-line", offset, `line ${number} ${message}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail("is not JSON");
  }
  const { format, formatVersion } = Object(value);
  if (format === DECODE_AUDIT_FORMAT) return undefined;
  if (format !== AUDIT_FORMAT) fail(`expected "format" "${AUDIT_FORMAT}": a line of a service's /v1/audits`);
  if (formatVersion !== AUDIT_VERSION) {
    fail(
      `expected "formatVersion" ${AUDIT_VERSION}, got ${JSON.stringify(formatVersion)}: use the midx of the service`,
    );
  }
  const { success, issues, output } = v.safeParse(auditLine, value);
  if (!success)
    return fail(`expected ${issues[0].expected} as "${v.getDotPath(issues[0])}", got ${issues[0].received}`);
  return output;
}

function checkBelongs({ contentId, estimator }: AuditLine, index: AuditedIndex, line: number): void {
  if (contentId !== index.contentId) {
    throw new RangeError(
      `'--audits' expected audits of the index ${index.contentId}, but line ${line} is of ${contentId}: ${index.remedy}, or leave those lines out`,
    );
  }
  if (estimator !== index.estimator) {
    throw new RangeError(
      `'--audits' expected the estimator ${index.estimator}, but line ${line} is of ${estimator}: its error bars follow another rule`,
    );
  }
}
