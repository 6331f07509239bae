import { NoHost, PartFailure, PartsMissing, UnknownGeneration } from "../parts/part-failure.ts";

/** The way in which several replicas are asked. */
export interface Hedging {
  readonly deadlineMs: number;
  /** Milliseconds after which the next replica is asked as well. */
  readonly hedgeMs: number;
  /** Tells whether another request may begin. */
  readonly hasRoom: () => boolean;
  readonly onHedge: () => void;
  readonly onLate: () => void;
}

/** A request to one replica. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** Tells whether there is a replica that has not been asked. */
  readonly hasNext: () => boolean;
  /** Ends the request, so that the next replica is asked. */
  readonly giveUp: (failure: PartFailure) => void;
}

/** The reason with which other requests are ended. It is made once, since creating an error is slow. */
export const ENDED = new PartFailure("another replica has answered, or there is no more time");

/**
 * Asks replicas in turn: the next one if one fails, or beside one that takes longer than nearly all did. All give the same
 * bits, so the first answer counts, and the other requests are ended. A failure of the request itself is final.
 */
export function hedged<Host, T>(
  hosts: readonly Host[],
  { deadlineMs, hedgeMs, hasRoom, onHedge, onLate }: Hedging,
  send: (host: Host, attempt: Attempt) => Promise<T>,
): Promise<T> {
  const underWay = new Set<AbortController>();
  const hasNext = (): boolean => next < hosts.length;
  const failures: PartFailure[] = [];
  let next = 0;
  let stop = (): void => undefined;
  return new Promise<T>((resolve, reject) => {
    const start = (): void => {
      const host = hosts[next++] as Host;
      const controller = new AbortController();
      underWay.add(controller);
      const attempt = {
        signal: controller.signal,
        hasNext,
        giveUp: (failure: PartFailure) => controller.abort(failure),
      };
      const sent = send(host, attempt).finally(() => underWay.delete(controller));
      sent.then(resolve, (error: unknown) => {
        if (!(error instanceof PartFailure)) return reject(error);
        failures.push(error);
        if (hasNext()) start();
        else if (failures.length === hosts.length) reject(worstOf(failures));
      });
    };
    const late = setTimeout(() => {
      onLate();
      reject(failures[0] ?? new PartFailure(`there was no answer within ${deadlineMs} ms`));
    }, deadlineMs);
    const hedge =
      hosts.length < 2
        ? undefined
        : setInterval(() => {
            if (!hasNext() || !hasRoom()) return;
            onHedge();
            start();
          }, hedgeMs);
    stop = () => {
      clearTimeout(late);
      if (hedge !== undefined) clearInterval(hedge);
    };
    if (hosts.length === 0) reject(new NoHost());
    else start();
  }).finally(() => {
    stop();
    for (const controller of underWay) controller.abort(ENDED);
  });
}

/** Another generation may have hosts where this one has none, and a router that lacks a part may have others. */
const worstOf = (failures: readonly PartFailure[]): PartFailure =>
  failures.find((failure) => failure instanceof UnknownGeneration) ??
  failures.find((failure) => failure instanceof PartsMissing) ??
  (failures[0] as PartFailure);
