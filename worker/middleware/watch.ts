/** The interval in ms at which an arriving body is looked at: for its deadline, and for its slot, which others may need. */
const LOOK_MS = 250;

/** Calls `look` at an interval until the function that it returns is called. */
export type Watch = (look: () => void) => () => void;

/** Watches by a timer of its own, as Workers need: there one request cannot end the I/O of another. */
export const watchAlone: Watch = (look) => {
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
};

/**
 * Returns a watch with one timer for all, for runtimes where requests can share it. Node would make, sort and drop a timer
 * for each request. The timer ends with the first interval in which there is nothing to look at.
 */
export function watchTogether(): Watch {
  const looks = new Set<() => void>();
  let stop: (() => void) | undefined;
  const lookAtAll = (): void => {
    for (const look of looks) look();
    if (looks.size > 0) return;
    stop?.();
    stop = undefined;
  };
  return (look) => {
    looks.add(look);
    stop ??= watchAlone(lookAtAll);
    return () => looks.delete(look);
  };
}
