import type { ImageLayer } from "./image-archive.ts";

/** How a layer of two builds of the same differs. */
export interface LayerComparison {
  /** What made it, as the builder wrote it down. */
  instruction: string;
  same: boolean;
  /** Paths that are the same but for their dates, sorted. */
  dated: string[];
  /** Paths that one build lacks, or whose content, mode or owner differ, sorted. */
  differing: string[];
}

const LONGEST_INSTRUCTION = 60;

/** Compares two builds of the same Dockerfile, layer by layer, the lowest first. */
export function compareLayers(first: readonly ImageLayer[], second: readonly ImageLayer[]): LayerComparison[] {
  return Array.from({ length: Math.max(first.length, second.length) }, (_, index) => {
    const [one, other] = [first[index], second[index]];
    const instruction = (one ?? other)?.instruction ?? "";
    if (one?.digest === other?.digest) return { instruction, same: true, dated: [], differing: [] };
    const paths = [...new Set([...(one?.entries.keys() ?? []), ...(other?.entries.keys() ?? [])])].sort();
    const differing = paths.filter((path) => one?.entries.get(path)?.what !== other?.entries.get(path)?.what);
    const rest = paths.filter((path) => !differing.includes(path));
    const dated = rest.filter((path) => one?.entries.get(path)?.date !== other?.entries.get(path)?.date);
    return { instruction, same: false, dated, differing };
  });
}

/** A row for each layer: its number, what made it, and what became of it. */
export function layerRows(layers: readonly LayerComparison[]): string[][] {
  return layers.map((layer, index) => [String(index + 1), shortened(layer.instruction), verdictOf(layer)]);
}

/** Says in one line whether the same commit gives the same image here, and if not, why. */
export function reasonOf(layers: readonly LayerComparison[], engine: string): string {
  if (layers.some(({ differing }) => differing.length > 0)) {
    return "What the instructions above make is not the same each time: pin what they fetch, and leave out what they log or cache.";
  }
  if (layers.every(({ same }) => same)) {
    return `Each layer is the same; the image's own date is that of the build, which engine ${engine} sets.`;
  }
  return (
    `Dates alone differ: engine ${engine} gives what a build writes the date of the build, and takes no other from it, as ` +
    "BuildKit 0.13 does with rewrite-timestamp. An up takes the image that the registry has of the same content, so that its digest stays."
  );
}

function verdictOf({ same, dated, differing }: LayerComparison): string {
  if (same) return "same";
  if (differing.length > 0) return `content differs: ${counted(differing)}`;
  return dated.length === 0 ? "order differs" : `dates differ: ${counted(dated)}`;
}

function counted([first = "", ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function shortened(instruction: string): string {
  const plain = instruction
    .replace(/\s*# buildkit$/, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return plain.length > LONGEST_INSTRUCTION ? `${plain.slice(0, LONGEST_INSTRUCTION - 1)}…` : plain;
}
