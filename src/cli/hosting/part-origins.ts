import { InvalidArgumentError } from "commander";
import { RepeatedOption } from "../arguments/repeated-option.ts";

/** The option for the hosts of the parts, with the origins of the replicas of one part in each value. */
export const partAtOption = () =>
  new RepeatedOption(
    "--part-at <urls>",
    "URL at which the next part is served, or URLs of its replicas with commas between them; repeat it for each part, in the order of the manifest (default: all parts in this process)",
    partOrigins,
  );

const partOrigins = (text: string): string[] => text.split(",").map(originOf);

/** A host is a scheme, a name or an address, and a port: nothing of a URL may lead elsewhere. */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && [url.origin, `${url.origin}/`].includes(text.toLowerCase())) {
    return url.origin;
  }
  throw new InvalidArgumentError(
    'Expected URLs of hosts without a path, those of replicas with commas between them, such as "http://10.0.0.5:8788".',
  );
}

/** Parses the sizes of groups of parts. */
export function partGroups(text: string): number[] {
  if (/^[1-9]\d{0,3}(,[1-9]\d{0,3})*$/.test(text)) return text.split(",").map(Number);
  throw new InvalidArgumentError('Expected numbers of parts with commas between them, such as "4,4".');
}
