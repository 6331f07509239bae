/** Checks the key of a pointer. Parts and versions are stored beside it, so it must be a path without "." and "..". */
export function checkPointerKey(key: unknown, name: string): string {
  const isPath =
    typeof key === "string" && key.split("/").every((step) => step !== "" && step !== "." && step !== "..");
  if (isPath && key.endsWith(".json") && !key.includes("\\")) return key;
  throw new RangeError(
    `${name} expected the key of a pointer, which ends in ".json", such as "words/current.json", got ${JSON.stringify(key) ?? "none"}: set it here and in the Worker`,
  );
}
