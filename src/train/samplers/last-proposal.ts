export interface LastProposal<Made> {
  /** What was made for this query and these excluded last, or else is made now. */
  of(query: Float32Array, out: ReadonlySet<number>): Made;
  /** What was made holds no longer. */
  forget(): void;
}

/** A loss asks for the draws of a query and then for the log Q of its positives: the proposal between them is one. */
export function rememberLast<Made>(make: (query: Float32Array, out: ReadonlySet<number>) => Made): LastProposal<Made> {
  let last: { readonly query: Float32Array; readonly out: ReadonlySet<number>; readonly made: Made } | undefined;
  return {
    of(query, out) {
      if (last && sameSet(last.out, out) && last.query.every((value, d) => Object.is(value, query[d])))
        return last.made;
      last = undefined;
      const made = make(query, out);
      last = { query: query.slice(), out, made };
      return made;
    },
    forget() {
      last = undefined;
    },
  };
}

const sameSet = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean => {
  if (a.size !== b.size) return false;
  for (const id of a) if (!b.has(id)) return false;
  return true;
};
