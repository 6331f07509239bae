import type { Hono } from "hono";
import type { MetricsByPart } from "../../../worker/router/part-metrics.ts";
import { type Io, printLines } from "../process/io.ts";

/**
 * Loads what the application of a manifest answers with. Throws if it is in this process and cannot be loaded. Parts at other
 * hosts, which `asked` counts, may come later: a warning names those that do not answer yet.
 */
export async function becomeReady(io: Io, path: string, app: Hono, asked: MetricsByPart | undefined): Promise<void> {
  const ready = await app.request("/readyz");
  const { detail } = (await ready.json()) as { readonly detail?: string };
  if (!asked && !ready.ok) throw new Error(detail?.startsWith(`${path}: `) ? detail : `${path}: ${detail}`);
  if (!ready.ok) printLines(io.stderr, [`warning: ${detail}: requests get a 503 until it answers`]);
  for (const [part, { failure }] of ready.ok && asked ? asked.parts : []) {
    if (failure === undefined) continue;
    const until = 'until it answers, requests get a 503 unless they have "partial": "allow"';
    printLines(io.stderr, [`warning: part ${part}: ${failure}: ${until}`]);
  }
}
