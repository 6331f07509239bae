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

/** Refuses what cannot follow a log: a part gets its changes from its router, and a router brings them to single parts. */
export function refuseWithLog({ part, partGroups: groups }: PartServeOptions): void {
  if (part !== undefined)
    throw new RangeError(
      "'--part' expected no '--log' beside it: its router has the log, and --max-delta lets it take changes",
    );
  if (groups !== undefined)
    throw new RangeError(
      "'--part-groups' expected no '--log' beside it: changes go to single parts, not to routers of them",
    );
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
