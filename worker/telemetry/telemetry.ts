import type { Context } from "hono";
import type { Host } from "../host/host.ts";
import type { AnsweredRequest } from "./answered.ts";
import { auditEstimate, isAudited } from "./audit.ts";
import { type AuditLog, auditLineOf } from "./audit-log.ts";
import { auditDecode, isByEstimate } from "./decode-audit.ts";
import { drawLines } from "./draw-log.ts";
import { answerEvent, auditEvent } from "./events.ts";
import type { Metrics } from "./metrics.ts";

/** Counts answers, sends them as events, logs draws, and audits a share of the estimates, of which it keeps the last. */
export interface Telemetry {
  answered(c: Context, answered: AnsweredRequest): void;
}

export function createTelemetry(host: Host, metrics: Metrics, audits: AuditLog): Telemetry {
  return {
    answered(c, answered) {
      const { events, logDraws, auditRate } = host.settings(c);
      const requestId = c.get("requestId");
      metrics.answered(answered);
      events?.writeDataPoint(answerEvent(answered, requestId));
      if (logDraws) for (const line of drawLines(answered, requestId)) console.log(line);
      if (isAudited(answered, auditRate)) host.keepAlive(c, audit(c, answered, requestId));
    },
  };

  async function audit(c: Context, answered: AnsweredRequest, requestId: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0)); // let the response go out first
    if (answered.served.isCurrent?.() === false) return; // all rows are other ones by now
    const { maxWork, auditQueries, events } = host.settings(c);
    const audited = answered.answers.some(isByEstimate) ? auditDecode : auditEstimate;
    const found = await audited(answered, maxWork);
    if (!found) return;
    audits.add(auditLineOf(answered, found, requestId, auditQueries));
    metrics.audited(answered.path, found);
    events?.writeDataPoint(auditEvent(answered, found, requestId));
  }
}
