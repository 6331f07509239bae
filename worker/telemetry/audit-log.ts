import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../../src/internal.ts";
import type { Proposal } from "../../src/public.ts";
import { AUDIT_FORMAT, AUDIT_VERSION, DECODE_AUDIT_FORMAT } from "../contract/audit-format.ts";
import type { AuditLine, DecodeAuditLine } from "../contract/audit-lines.ts";
import { conditionsAt } from "../request/conditions.ts";
import type { AnsweredRequest } from "./answered.ts";
import type { Audit } from "./audit.ts";
import type { DecodeAudit } from "./decode-audit.ts";

/** The most audits that an isolate keeps, and the most characters of them. Older audits make room for newer ones. */
export const MOST_AUDITS = 4096;
export const MOST_CHARACTERS = 4 * 2 ** 20;

/** The last audits of this isolate as JSON lines, in memory. They are gone when the isolate ends. */
export class AuditLog {
  private readonly lines: string[] = [];
  private characters = 0;

  add(line: AuditLine | DecodeAuditLine): void {
    const text = `${JSON.stringify(line)}\n`;
    this.lines.push(text);
    this.characters += text.length;
    while (this.lines.length > MOST_AUDITS || this.characters > MOST_CHARACTERS) {
      this.characters -= (this.lines.shift() as string).length;
    }
  }

  get text(): string {
    return this.lines.join("");
  }
}

/** The options that determine an estimate. */
interface EstimateEffort {
  readonly proposal?: Proposal;
  readonly scan?: number | "auto";
  readonly draws?: number;
}

/** Describes an audit by its error and its call. The query is included only with `withQuery`. */
export function auditLineOf(
  { path, served, options, conditions }: AnsweredRequest,
  audit: Audit | DecodeAudit,
  requestId: string,
  withQuery: boolean,
): AuditLine | DecodeAuditLine {
  const { contentId, calibration } = served.index.info;
  const { row, query } = audit;
  const { temperature = 1, exclude, allow, filter, namespace, bias, history } = conditionsAt(conditions, row);
  const common = {
    formatVersion: AUDIT_VERSION,
    contentId,
    estimator: calibration.estimator,
    requestId,
    path,
    temperature,
    filtered: [exclude, allow, filter, namespace, bias, history].some((given) => given !== undefined),
    standardError: finite(audit.standardError),
    error: audit.error,
    ...(withQuery && { query: Array.from(query) }),
  } as const;
  if ("kept" in audit) {
    const { kept, keptByAll, undecided } = audit;
    return { format: DECODE_AUDIT_FORMAT, ...common, kept, keptByAll, undecided };
  }
  const { proposal = "buckets", scan = DEFAULT_SCAN, draws = DEFAULT_DRAWS } = options as EstimateEffort;
  const { modelError, tailShare, isChosen, k, hits } = audit;
  return {
    format: AUDIT_FORMAT,
    ...common,
    proposal,
    scan: isChosen ? "auto" : scan,
    draws,
    tailShare: Math.min(Math.max(tailShare, 0), 1),
    modelError: finite(modelError),
    k,
    hits,
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
