/** The longest name that a contract may have, as of a version. */
const MOST_CHARACTERS = 64;

/**
 * Names the contract with clients that a version begins: as the version, or with a number if the contract before has this name, because
 * the version began it. Services know a new contract by its name.
 */
export function contractFrom(version: string, before: string | undefined): string {
  if (version !== before) return version;
  const end = ".2";
  return `${version.slice(0, MOST_CHARACTERS - end.length)}${end}`;
}
