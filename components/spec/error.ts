import { inspect } from "node:util";

/** One thing that is wrong in a specification. */
export interface Fault {
  /** The place as the user wrote it, such as `services.web.routes[0]`; empty for the whole. */
  readonly path: string;
  /** The rule, the value and, where it is not obvious, what to do. */
  readonly message: string;
}

/** A specification, or the name of a stack, is not as it must be. Its message lists every fault on a line of its own. */
export class SpecificationError extends Error {
  /** All faults, sorted by path. */
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[], place = "the specification") {
    const sorted = faults.toSorted((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
    const count = sorted.length === 1 ? "1 fault" : `${sorted.length} faults`;
    super([`${count} in ${place}:`, ...sorted.map(line)].join("\n"));
    this.name = "SpecificationError";
    this.faults = sorted;
  }

  /** The same faults under a headline that names the stack file. */
  in(stackFile: string): SpecificationError {
    return new SpecificationError(this.faults, stackFile);
  }
}

/** Spells a path as the user wrote it: `services.web.routes[0]`, and `["…"]` around what is no plain name. */
export function pathOf(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    const name = String(key);
    if (!/^[A-Za-z_][\w-]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
    return path === "" ? name : `${path}.${name}`;
  }, "");
}

/** Spells a value for a message, cut where it is long. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  return inspect(value);
}

function line({ path, message }: Fault): string {
  return path === "" ? `  ${message}` : `  ${path}: ${message}`;
}
