export interface LastProposal<Made> {
  /** Returns the last value made if it was for this query and these excluded; otherwise makes another. */
  of(query: Float32Array, out: ReadonlySet<number>): Made;
  /** The last value holds no longer. */
  forget(): void;
}

/** A loss asks for the draws of a query and then for the log Q of its positives: the proposal between them is one. */
export function rememberLast<Made>(make: (query: Float32Array, out: ReadonlySet<number>) => Made): LastProposal<Made> {
  let last: { readonly out: ReadonlySet<number>; readonly made: Made } | undefined;
  // The query of the last value is copied in place, because an array for each takes .6 µs.
  let values = new Float32Array(0);
  return {
    of(query, out) {
      if (last && sameSet(last.out, out) && sameValues(values, query)) return last.made;
      last = undefined;
      const made = make(query, out);
      if (values.length !== query.length) values = new Float32Array(query.length);
      values.set(query);
      last = { out, made };
      return made;
    },
    forget() {
      last = undefined;
    },
  };
}

/** A loop takes .2 µs for 64 values, `every` 1.7. */
function sameValues(a: Float32Array, b: Float32Array): boolean {
  for (let d = 0; d < a.length; d++) if (!Object.is(a[d], b[d])) return false;
  return true;
}

const sameSet = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean => {
  if (a.size !== b.size) return false;
  for (const id of a) if (!b.has(id)) return false;
  return true;
};
