import { errorResponses } from "./errors.ts";
import { SECURITY } from "./operations.ts";

type Methods = Readonly<Record<string, { readonly security?: object; readonly responses?: object }>>;

/** Adds errors to the answers of all operations that the guards protect. */
export function withStatuses(paths: Readonly<Record<string, Methods>>, statuses: readonly number[] = []): object {
  if (statuses.length === 0) return paths;
  return Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => {
      const shape = path.startsWith("/client") || path === "/v1/query" ? "VectorizeError" : "Problem";
      const all = Object.entries(methods).map(([method, operation]) => {
        if (operation.security !== SECURITY) return [method, operation];
        return [method, { ...operation, responses: { ...operation.responses, ...errorResponses(statuses, shape) } }];
      });
      return [path, Object.fromEntries(all)];
    }),
  );
}
