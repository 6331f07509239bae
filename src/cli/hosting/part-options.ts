/** Options of the service of a manifest, and options of others that conflict with them. */
export interface PartServeOptions {
  readonly part?: number;
  readonly partAt?: readonly (readonly string[])[];
  readonly partGroups?: readonly number[];
  readonly partTokenFile?: string;
  readonly refreshSeconds?: number;
  readonly auditRate?: number;
  readonly maxDelta?: number;
  readonly passChanges?: true;
}

/** Checks that a manifest's parts have places that fit together, and that who changes them needs a token. */
export function checkPlaces(options: PartServeOptions, partCount: number, hasToken: boolean): void {
  const { part, partAt, partGroups: groups, auditRate } = options;
  requireTokenFor(options, hasToken);
  if (part !== undefined && auditRate !== undefined) {
    throw new RangeError("'--part' expected no '--audit-rate' beside it: a router audits whole answers");
  }
  if (part !== undefined && part >= partCount)
    throw new RangeError(`'--part' expected 0 to ${partCount - 1}, a part of the manifest, got ${part}`);
  if (part !== undefined && partAt)
    throw new RangeError("'--part' expected no '--part-at' beside it: it serves one part");
  refuseWithoutHosts(options);
  if (!partAt) return;
  const sum = (groups ?? partAt.map(() => 1)).reduce((total, size) => total + size, 0);
  const isEach = groups === undefined || groups.length === partAt.length;
  if (sum === partCount && isEach) return;
  const of = groups ? `${groups.length} groups of ${sum} parts` : String(partAt.length);
  throw new RangeError(`'--part-at' expected a host for each of ${partCount} parts, got ${of}`);
}

/** Refuses options about the hosts of parts where none are given. */
function refuseWithoutHosts({ partAt, partGroups, partTokenFile }: PartServeOptions): void {
  if (partAt) return;
  if (partGroups) throw new RangeError("'--part-groups' expected '--part-at' beside it, the hosts of the groups");
  if (partTokenFile !== undefined)
    throw new RangeError("'--part-token-file' expected '--part-at' beside it, the hosts of the parts");
}

/** Refuses what cannot follow a log: a part, and a router that passes changes on, get them from the router above. */
export function refuseWithLog(options: PartServeOptions): void {
  const { part, passChanges } = options;
  refuseWithoutHosts(options);
  if (part !== undefined)
    throw new RangeError(
      "'--part' expected no '--log' beside it: its router has the log, and --max-delta lets it take changes",
    );
  if (passChanges) throw new RangeError("'--pass-changes' expected no '--log' beside it: the router above has the log");
}

/** Refuses changes from whoever reaches a part, or a router that passes them on: that needs a token. */
function requireTokenFor({ part, partAt, maxDelta, passChanges }: PartServeOptions, hasToken: boolean): void {
  if (passChanges && !partAt)
    throw new RangeError("'--pass-changes' expected '--part-at' beside it, the hosts of the parts");
  if (hasToken) return;
  const why = "since who reaches it may change its classes: pass --token-file";
  if (part !== undefined && maxDelta !== undefined)
    throw new RangeError(`'--max-delta' expected a token beside '--part', ${why}`);
  if (passChanges) throw new RangeError(`'--pass-changes' expected a token beside it, ${why}`);
}

/** Refuses options that only a manifest has. */
export function refuseOfManifests({
  part,
  partAt,
  partGroups: groups,
  partTokenFile,
  refreshSeconds,
  passChanges,
}: PartServeOptions): void {
  const given = {
    "--part": part,
    "--part-at": partAt,
    "--part-groups": groups,
    "--part-token-file": partTokenFile,
    "--pass-changes": passChanges,
  };
  const [manifest, got] = ["expected a manifest, which midx build --parts writes,", "got an index"];
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) throw new RangeError(`'${name}' ${manifest} ${got}`);
  }
  if (refreshSeconds !== undefined)
    throw new RangeError(`'--refresh-seconds' ${manifest} or a pointer of midx publish, ${got}`);
}
