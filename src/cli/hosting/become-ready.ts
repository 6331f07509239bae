import type { Hono } from "hono";
import { type Io, printLines } from "../process/io.ts";

/**
 * Loads what the application of a manifest answers with. Throws if it is in this process and nothing of it can be loaded. Some
 * parts may come later, and those at other hosts all: a warning names those that do not answer yet, with the reasons in
 * `failures`.
 */
export async function becomeReady(
  io: Io,
  path: string,
  app: Hono,
  isHere: boolean,
  failures: () => Iterable<readonly [part: string, failure: string | undefined]>,
): Promise<void> {
  const ready = await app.request("/readyz");
  const { detail } = (await ready.json()) as { readonly detail?: string };
  if (isHere && !ready.ok) throw new Error(detail?.startsWith(`${path}: `) ? detail : `${path}: ${detail}`);
  if (!ready.ok) printLines(io.stderr, [`warning: ${detail}: requests get a 503 until it answers`]);
  for (const [part, failure] of ready.ok ? failures() : []) {
    if (failure === undefined) continue;
    const until = 'until it answers, requests get a 503 unless they have "partial": "allow"';
    printLines(io.stderr, [`warning: part ${part}: ${failure}: ${until}`]);
  }
}
