/** First byte after the constants, 16-aligned: everything from here on is laid out by src/memory/plan.ts. */
export function heapBase(): usize {
  return (__heap_base + 15) & ~15;
}
