import type { Proposal } from "../../src/public.ts";

/** The options of the library for those of a request, which names a head by fine codes `rescore`. */
export function proposalOptions<Fields extends { readonly rescore?: number; readonly scan?: number | "auto" }>(
  fields: Fields,
): Omit<Fields, "rescore"> & { readonly proposal?: Proposal } {
  const { rescore, ...options } = fields;
  if (rescore === undefined) return options;
  if (options.scan !== undefined) {
    const got = JSON.stringify(options.scan);
    throw new RangeError(`"rescore" expected no "scan" beside it, got scan: ${got}; leave one of them out`);
  }
  return { ...options, proposal: "codes", scan: rescore };
}
