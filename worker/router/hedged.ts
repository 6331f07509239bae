import { NoHost, PartFailure, PartsMissing, UnknownGeneration } from "../parts/part-failure.ts";

/** The way in which several replicas are asked. */
export interface Hedging {
  readonly deadlineMs: number;
  /** Milliseconds after which the next replica is asked as well. Undefined: it is asked only when one fails. */
  readonly hedgeMs: number | undefined;
  /** Tells whether another request may begin. */
  readonly hasRoom: () => boolean;
  readonly onHedge: () => void;
  readonly onLate: () => void;
}

/** The reason with which other requests are ended. It is made once, since creating an error is slow. */
const ENDED = new PartFailure("another replica has answered, or there is no more time");

/**
 * Asks replicas in turn: the next one if one fails, or beside one that takes longer than nearly all did. All give the same
 * bits, so the first answer counts, and the other requests are ended. A failure of the request itself is final.
 */
export function hedged<Host, T>(
  hosts: readonly Host[],
  { deadlineMs, hedgeMs, hasRoom, onHedge, onLate }: Hedging,
  send: (host: Host, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const failures: PartFailure[] = [];
  let next = 0;
  let underWay = 0;
  let stop = (): void => undefined;
  return new Promise<T>((resolve, reject) => {
    const start = (): void => {
      const host = hosts[next++] as Host;
      underWay++;
      const sent = send(host, controller.signal).finally(() => underWay--);
      sent.then(resolve, (error: unknown) => {
        if (!(error instanceof PartFailure)) return reject(error);
        failures.push(error);
        if (next < hosts.length) start();
        else if (failures.length === hosts.length) reject(worstOf(failures));
      });
    };
    const late = setTimeout(() => {
      onLate();
      reject(failures[0] ?? new PartFailure(`there was no answer within ${deadlineMs} ms`));
    }, deadlineMs);
    const hedge =
      hedgeMs === undefined
        ? undefined
        : setInterval(() => {
            if (next >= hosts.length || !hasRoom()) return;
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
    if (underWay > 0) controller.abort(ENDED);
  });
}

/** Another generation may have hosts where this one has none, and a router that lacks a part may have others. */
const worstOf = (failures: readonly PartFailure[]): PartFailure =>
  failures.find((failure) => failure instanceof UnknownGeneration) ??
  failures.find((failure) => failure instanceof PartsMissing) ??
  (failures[0] as PartFailure);
