/** A plausible mistake, as a change in one place of the sources. */
export interface Fault {
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /**
   * The suites of which at least one has to fail. Either all are in test/worker or none. `npm run test:faults -- --whole`
   * finds them.
   */
  readonly suites: readonly string[];
}
