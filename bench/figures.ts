/** What was measured of one thing, run by run. */
export interface Series {
  name: string;
  /** Unit of the values, such as `s` or `MiB`. */
  unit: string;
  values: number[];
}

/** One measurement: its series, what follows from them, and the goal where there is one. */
export interface Measurement {
  /** Names the file of the results. */
  what: string;
  title: string;
  series: Series[];
  /** What is to be known of it in sentences. */
  remarks: string[];
  goal?: { name: string; value: number; atMost: number; met: boolean };
}

/** Smallest, middle and largest of a series. */
export interface Summary {
  min: number;
  median: number;
  max: number;
}

/** Sums a series up. @throws {RangeError} when it is empty. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted.at(0), sorted.at(-1)];
  const [low, high] = [sorted.at((sorted.length - 1) >> 1), sorted.at(sorted.length >> 1)];
  if (min === undefined || max === undefined || low === undefined || high === undefined) {
    throw new RangeError("a series needs at least one value");
  }
  return { min, median: (low + high) / 2, max };
}

/** Compares a figure with the most that it may be. */
export function goalOf(name: string, value: number, atMost: number): Measurement["goal"] {
  return { name, value, atMost, met: value <= atMost };
}

/** Writes a measurement as a table for people. */
export function tableOf({ title, series, remarks, goal }: Measurement): string {
  const rows = series.map(({ name, unit, values }) => {
    const { min, median, max } = summarize(values);
    return [name, ...[min, median, max].map((value) => `${format(value)} ${unit}`), String(values.length)];
  });
  const table = [["", "min", "median", "max", "runs"], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  const verdict =
    goal && `${goal.name}: ${format(goal.value)}, goal at most ${round(goal.atMost)}: ${goal.met ? "met" : "missed"}`;
  return [title, ...lines.map((cells) => `  ${cells.join("  ")}`), ...remarks, ...(verdict ? [verdict] : [])].join(
    "\n",
  );
}

/** A goal is written as it is set where that is short. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
