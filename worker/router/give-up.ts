import { PartFailure } from "../parts/part-failure.ts";
import type { Gate } from "./gate.ts";
import type { Attempt } from "./hedged.ts";

/**
 * Lets a request give its connection up where none is free, so that hosts which are silent do not keep other parts and replicas
 * from being asked: after its share of the time, by the rounds of connections and the replicas. Returns what ends the watch.
 */
export function giveUpWhereOthersWait(
  { hasNext, giveUp }: Attempt,
  replicas: number,
  { deadlineMs, gate }: { readonly deadlineMs: number; readonly gate: Gate },
): () => void {
  const turns = gate.rounds * replicas;
  if (turns < 2) return () => undefined;
  const shareMs = Math.ceil(deadlineMs / turns);
  const timer = setInterval(() => {
    if (gate.isFree || !gate.mustYield(hasNext(), shareMs)) return;
    giveUp(new PartFailure(`there was no answer within ${shareMs} ms, and others waited for its connection`));
  }, shareMs);
  return () => clearInterval(timer);
}
