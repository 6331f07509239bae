/** The queries that classes were last drawn for. */
export interface RecentQueries {
  add(query: Float32Array): void;
  /** Returns the last `count` queries, oldest first. They are valid until the next `add`. */
  last(count: number): Float32Array[];
}

/** Keeps the last `most` queries. */
export function keepRecent(most: number): RecentQueries {
  const ring: Float32Array[] = [];
  let seen = 0;
  return {
    add(query) {
      const place = seen++ % most;
      const oldest = ring[place];
      if (oldest) oldest.set(query);
      else ring[place] = query.slice();
    },
    last(count) {
      const available = Math.min(count, ring.length);
      return Array.from({ length: available }, (_, i) => ring[(seen - available + i) % most] as Float32Array);
    },
  };
}
