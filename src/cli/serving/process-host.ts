import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import type { FullestOf } from "../../../worker/host/drift-watch.ts";
import type { Host, Served } from "../../../worker/host/host.ts";
import type { ServiceOptions } from "../../../worker/host/settings.ts";
import { BandedDrift } from "../../../worker/telemetry/banded-drift.ts";

/** The settings of a service in a process. */
export interface ProcessService {
  /** SHA-256 of the token that clients, or the routers of a part, must have. */
  readonly digest: string | undefined;
  readonly auditRate?: number | undefined;
  readonly auditQueries?: true | undefined;
  readonly maxWork?: number | undefined;
}

/** Refuses to keep the queries of audits where there are none. */
export function refuseQueriesOfNone({ auditRate, auditQueries }: Omit<ProcessService, "digest">): void {
  if (auditQueries && !auditRate) throw new RangeError("'--audit-queries' expected '--audit-rate' beside it, above 0");
}

/** Takes the settings of a service in a process from the options of its command. */
export const processService = (
  { auditRate, auditQueries, maxWork }: Omit<ProcessService, "digest">,
  digest: string | undefined,
): ProcessService => ({ digest, auditRate, auditQueries, maxWork });

/** Returns the options of a service in this process. */
export const serviceOptions = ({ digest, auditRate, auditQueries, maxWork }: ProcessService): ServiceOptions => ({
  ...(digest !== undefined && { tokens: [digest] }),
  ...(auditRate !== undefined && { auditRate }),
  ...(auditQueries && { auditQueries }),
  ...(maxWork !== undefined && { maxWork }),
});

/** The parts of the host that all services in a process share. */
export const PROCESS_HOST = {
  // Work that fails, such as an audit, must not end the process. The index is gone if the process ends first.
  keepAlive: (_: Context, work: Promise<unknown>) => void work.catch(() => undefined),
  watchDrift: (served: Served, fullestOf?: FullestOf) => new BandedDrift(served, fullestOf),
  address: (c: Context) => (c.env as { incoming: IncomingMessage }).incoming.socket.remoteAddress ?? "unknown",
} satisfies Pick<Host, "keepAlive" | "watchDrift" | "address">;
