import type { GenericSchema } from "valibot";
import { requestFieldJson } from "../../worker/openapi/schemas-json.ts";

/** The maximum that a JSON schema gives for an integer without a limit. */
const LARGEST_INTEGER = 2 ** 31 - 1;

/** Returns the limits and the default of a request field in words, or empty text if it has none. */
export function limitsOf(name: string, schema: GenericSchema): string {
  const json = requestFieldJson(name, schema);
  const { minimum, maximum, minItems, anyOf = [] } = json;
  const { maxItems } = [json, ...(anyOf as (typeof json)[])].find((one) => one.maxItems !== undefined) ?? json;
  const parts = [
    maximum !== undefined && maximum < LARGEST_INTEGER && `From ${written(minimum ?? 0)} to ${written(maximum)}.`,
    maxItems !== undefined && `${minItems ? `${minItems} to` : "At most"} ${written(maxItems)} elements.`,
    json.default !== undefined && `Default ${JSON.stringify(json.default)}.`,
  ];
  return parts.filter(Boolean).join(" ");
}

const written = (value: number): string => (value < 0 ? `-${positive(-value)}` : positive(value));

const positive = (value: number): string =>
  value > 0 && Number.isInteger(Math.log2(value)) && Math.abs(Math.log2(value)) > 16
    ? `2^${Math.log2(value)}`
    : value.toLocaleString("en");
