import type { Appended, ChangeLog } from "../../publication/change-log.ts";

/** A log to which this process appends one set after the other, so that its own calls do not race for a number. */
export function inTurn(log: ChangeLog): ChangeLog {
  let last: Promise<unknown> = Promise.resolve();
  return {
    append(set, options): Promise<Appended> {
      const appended = last.then(() => log.append(set, options));
      last = appended.catch(() => {});
      return appended;
    },
    read: (after, maxBytes) => log.read(after, maxBytes),
    trim: (upTo) => log.trim(upTo),
    ...(log.find && { find: (call) => log.find?.(call) as Promise<number | undefined> }),
    ...(log.metadata && { metadata: log.metadata }),
  };
}
