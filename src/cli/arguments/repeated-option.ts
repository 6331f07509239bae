import { type Command, Option } from "commander";

/** An option that may be given several times, with one value each. */
export class RepeatedOption<Value = string> extends Option {
  /**
   * @param flags the name and the value, as in commander
   * @param description the text of --help
   * @param parse parses one value
   */
  constructor(flags: string, description: string, parse: (text: string) => Value) {
    super(flags, description);
    this.argParser((text: string, before: readonly Value[] = []) => [...before, parse(text)]);
  }
}

/** Refuses to take the last of several values of an option that has only one, as commander does. */
export function refuseRepeated(command: Command): void {
  for (const option of command.options) {
    if (option.isBoolean() || option.variadic || option instanceof RepeatedOption) continue;
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) command.error(`error: option '${option.flags}' expected one value, got several`);
      isGiven = true;
    });
  }
}
