import { placeOf } from "../../publication/publishing/publication-store.ts";
import { messageOf } from "../process/error-message.ts";
import type { Store } from "./store.ts";

/** Wraps `store` so that errors name the key and a remedy, unless they already name the store. */
export function explainedStore(store: Store, remedyOf: (error: unknown) => string): Store {
  const explain = async <T>(key: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      const message = messageOf(error) ?? "the operation failed";
      if (message.startsWith(store.name) || (error instanceof Error && error.name === "AbortError")) throw error;
      throw new Error(`${placeOf(store, key)}: ${message}: ${remedyOf(error)}`, { cause: error });
    }
  };
  return {
    name: store.name,
    get: (key, maxBytes) => explain(key, () => store.get(key, maxBytes)),
    put: (key, bytes, condition) => explain(key, () => store.put(key, bytes, condition)),
    list: (folder) => explain(folder, () => store.list(folder)),
    remove: (key) => explain(key, () => store.remove(key)),
    time: () => explain("", () => store.time()),
    close: () => store.close(),
  };
}
