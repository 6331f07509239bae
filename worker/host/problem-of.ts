import { Problem } from "../contract/problem.ts";

/** Returns the problem that an error is to a client. */
export function problemOf(error: Error): Problem {
  if (error instanceof Problem && error.code === "misconfigured") {
    console.error(`The service is misconfigured: ${error.message}`);
    return new Problem("misconfigured", "a setting of the service is wrong, and its log says which one");
  }
  if (error instanceof Problem) return error;
  if (isArgumentError(error)) return new Problem("invalid_field", asField(error.message));
  console.error(error);
  return new Problem("internal", "the request could not be answered");
}

/** Errors of the library begin with the name of the argument. Other TypeErrors are bugs of the service. */
function isArgumentError(error: Error): boolean {
  return (error.name === "TypeError" || error.name === "RangeError") && error.message.startsWith('"');
}

/**
 * The library writes an element of an argument as "ids"[2]; a field is quoted whole, as "ids[2]". Limits of the library can be set
 * where an index is loaded, which a client cannot do.
 */
const asField = (message: string): string =>
  message
    .replace(/^("[^"]*)"([.[]\S*)/, '$1$2"')
    .replace(/ \(max[A-Z]\w+\), got (\d+); load\(.*$/, ", got $1: a service takes no more");
