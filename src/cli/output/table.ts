/** Formats names and values, one pair per line, with the values aligned. */
export function factLines(facts: readonly (readonly [name: string, value: string | number | boolean])[]): string[] {
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

/** Formats a table. Each column is as wide as its widest cell. Numbers are aligned right, text is aligned left. */
export function tableLines(heading: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = heading.map((name, c) => Math.max(name.length, ...rows.map((row) => String(row[c]).length)));
  const isNumber = heading.map((_, c) =>
    rows.every((row) => typeof row[c] === "number" || /^[-+]?\d/.test(String(row[c]))),
  );
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, c) => (isNumber[c] ? String(cell).padStart(widths[c] ?? 0) : String(cell).padEnd(widths[c] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(heading), ...rows.map(line)];
}
