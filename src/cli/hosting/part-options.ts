/** Options of the service of a manifest, and options of others that conflict with them. */
export interface PartServeOptions {
  readonly part?: number;
  readonly partAt?: readonly (readonly string[])[];
  readonly partGroups?: readonly number[];
  readonly partTokenFile?: string;
  readonly refreshSeconds?: number;
  readonly auditRate?: number;
}

/** Checks that a manifest's parts have places that fit together. */
export function checkPlaces(
  { part, partAt, partGroups: groups, auditRate }: PartServeOptions,
  partCount: number,
): void {
  if (part !== undefined && auditRate !== undefined) {
    throw new RangeError("'--part' expected no '--audit-rate' beside it: a router audits whole answers");
  }
  if (part !== undefined && partAt)
    throw new RangeError("'--part' expected no '--part-at' beside it: it serves one part");
  if (groups && !partAt)
    throw new RangeError("'--part-groups' expected '--part-at' beside it, the hosts of the groups");
  if (!partAt) return;
  const sum = (groups ?? partAt.map(() => 1)).reduce((total, size) => total + size, 0);
  const isEach = groups === undefined || groups.length === partAt.length;
  if (sum === partCount && isEach) return;
  const of = groups ? `${groups.length} groups of ${sum} parts` : String(partAt.length);
  throw new RangeError(`'--part-at' expected a host for each of ${partCount} parts, got ${of}`);
}

/** Refuses places of parts beside a log, since changes are applied only if all parts are in one process. */
export function refuseWithLog({ part, partAt, partGroups: groups, partTokenFile }: PartServeOptions): void {
  const given = { "--part": part, "--part-at": partAt, "--part-groups": groups, "--part-token-file": partTokenFile };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined)
      throw new RangeError(`'${name}' expected no '--log' beside it: all parts of a log are in one process`);
  }
}

/** Refuses options that only a manifest has. */
export function refuseOfManifests({
  part,
  partAt,
  partGroups: groups,
  partTokenFile,
  refreshSeconds,
}: PartServeOptions): void {
  const given = { "--part": part, "--part-at": partAt, "--part-groups": groups, "--part-token-file": partTokenFile };
  for (const [name, value] of Object.entries({ ...given, "--refresh-seconds": refreshSeconds })) {
    if (value !== undefined)
      throw new RangeError(`'${name}' expected a manifest, which midx build --parts writes, got an index`);
  }
}
