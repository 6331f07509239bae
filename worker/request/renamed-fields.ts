import { invalidField } from "./invalid-field.ts";

/** Fields under their old names, which requests may still use in this minor version. */
export interface RenamedFields {
  readonly rescore?: number | undefined;
}

type Current<Fields> = Omit<Fields, keyof RenamedFields> & { readonly proposal?: "codes" };

/** Returns the name of a field for an option of the library. */
export type FieldNames = (option: string) => string;

/** Replaces `rescore: n` by its new names, `proposal: "codes"` and `scan: n`. A 400 refuses `rescore` beside these. */
export function currentFields<Fields extends RenamedFields>({ rescore, ...fields }: Fields): Current<Fields> {
  if (rescore === undefined) return fields;
  for (const [name, value] of Object.entries(fields)) {
    if (name !== "proposal" && name !== "scan") continue;
    throw invalidField(
      "rescore",
      `no "${name}" beside it, got ${name}: ${JSON.stringify(value)}; leave one of them out`,
    );
  }
  return { ...fields, proposal: "codes", scan: rescore };
}

/** Runs `call` so that an error of the library names the fields as the request gave them. */
export async function withNamesOf<Result>(
  { rescore }: RenamedFields,
  inFieldNames: (message: string) => string,
  call: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error) error.message = inFieldNames(error.message);
    if (rescore !== undefined && error instanceof Error) {
      error.message = error.message.replace(/"(proposal|scan)"/, '"rescore"').replace("got scan:", "got rescore:");
    }
    throw error;
  }
}
