/**
 * Returns a function that calls `make` for each list of arguments once, and returns what it made then. So the tests of a file
 * share what takes long to make and what none of them changes. Arguments are the same if their JSON is.
 */
export function onceFor<Args extends unknown[], Made>(make: (...args: Args) => Made): (...args: Args) => Made {
  const all = new Map<string, { readonly made: Made }>();
  return (...args) => {
    const key = JSON.stringify(args);
    const known = all.get(key) ?? { made: make(...args) };
    all.set(key, known);
    return known.made;
  };
}
