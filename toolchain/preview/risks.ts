import type { Change } from "./changes.ts";

/** Changes of one kind, for people. */
export interface RiskGroup {
  title: string;
  lines: string[];
}

const OPERATIONS = ["deleted", "replaced", "changed", "created"] as const;
const TITLES = { deleted: "Deleted", replaced: "Replaced", changed: "Changed", created: "Created" };

/** Sorts changes by what they put at risk: data first, then what goes, what is replaced, what changes and what is new. */
export function groupByRisk(changes: readonly Change[]): RiskGroup[] {
  const risky = changes.filter(isDataAtRisk);
  const others = changes.filter((change) => !isDataAtRisk(change));
  return [
    { title: "Data at risk", lines: risky.map(fateOfData) },
    ...OPERATIONS.map((operation) => ({
      title: TITLES[operation],
      lines: others.filter((change) => change.operation === operation).map(lineOf),
    })),
  ].filter(({ lines }) => lines.length > 0);
}

function isDataAtRisk({ holdsData, operation }: Change): boolean {
  return holdsData && (operation === "deleted" || operation === "replaced");
}

function fateOfData({ kind, name, operation, retained }: Change): string {
  const fate = operation === "deleted" ? "leaves the stack" : "is replaced by an empty one";
  return `${kind} ${name} ${fate}; its data ${retained ? "stays on the engine" : "is deleted"}`;
}

function lineOf({ kind, name, differs }: Change): string {
  return `${kind} ${name}${differs.length > 0 ? `: ${differs.join(", ")}` : ""}`;
}
