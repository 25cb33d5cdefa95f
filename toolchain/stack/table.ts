import { stripVTControlCharacters } from "node:util";

/**
 * Lays rows out in columns under a heading, two blanks between them. Cells may be coloured; widths count what is seen.
 */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => seen(row[column] ?? ""))));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - seen(cell)))
      .join("  ")
      .trimEnd();
  return `${all.map(line).join("\n")}\n`;
}

/** Names an image by the first 12 digits of its digest. */
export function shortDigest(image: string): string {
  return image.slice(image.lastIndexOf(":") + 1).slice(0, 12);
}

function seen(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
