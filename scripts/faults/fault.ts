/** A mistake that someone could make, as a change of one place of the sources. */
export interface Fault {
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Suites of which one at least has to fail: all in test/worker, or none. `npm run test:faults -- --whole` finds them. */
  readonly suites: readonly string[];
}
