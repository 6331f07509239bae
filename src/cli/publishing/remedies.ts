import type { Remedies } from "../../publication/publishing/successor.ts";

const SMALLER = "build it with fewer classes, fewer dimensions or smaller rows (--row-type i8)";

/** The remedies that the commands have which make a version current. */
export const OPTIONS_OF_COMMANDS: Remedies = {
  breaksClients: "pass --incompatible once the clients are ready for it",
  tooLarge: `${SMALLER}, or pass --force if other programs read it`,
  tooLargeBesideCurrent: `${SMALLER}, or pass --force and redeploy the Worker, so that new isolates load it alone`,
};
