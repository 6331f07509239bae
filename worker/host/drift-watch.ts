/** The figures that an answer to one query shows about the query. */
export interface ShownAnswer {
  readonly ids?: readonly number[];
  readonly logPartition?: number;
  readonly effectiveSampleSize?: number;
  readonly headShare?: number;
  /** Present if the effort was chosen for the query, with its number of draws. */
  readonly choice?: { readonly draws: number };
  /** Present if the answer is that of a decode. */
  readonly decided?: string;
}

/** Writes a gauge of `/metrics`. */
export interface GaugeWriter {
  gauge(name: string, help: string, samples: Iterable<readonly [Readonly<Record<string, string>>, number]>): void;
}

/** Watches the answers of one version for drift. */
export interface DriftWatch {
  readonly version: string;
  /** The drift of log Z and its standard error; undefined before there is something to compare with. */
  readonly logPartition: { readonly value: number | undefined; readonly error: number };
  /** Counts the answer to a call with these options and without conditions. */
  observe(answer: ShownAnswer, options: object): void;
  /** Writes gauges of the measures other than log Z. */
  addTo?(out: GaugeWriter): void;
}

/** The rows, or the new labels, that changes hold in an index or in its fullest part, and the most that writers may fill. */
export interface Fullest {
  readonly rowCount: number;
  readonly maxDelta: number;
}

/** Returns the room for changes of an index that is watched. */
export type FullestOf = (index: object) => Fullest;
