/** Names what the user probably meant, `, did you mean "port"?`, or else what there is, `; there are: cpus, port`. */
export function suggestion(word: string, known: readonly string[]): string {
  return meant(word, known) ?? `; ${list(known)}`;
}

/** Names what there is, and before it what the user probably meant: `, did you mean "api"? There are: api, web`. */
export function choice(word: string, known: readonly string[]): string {
  const hint = meant(word, known);
  return hint === undefined ? `; ${list(known)}` : `${hint} T${list(known).slice(1)}`;
}

function meant(word: string, known: readonly string[]): string | undefined {
  const name = closest(word, known);
  return name === undefined ? undefined : `, did you mean ${JSON.stringify(name)}?`;
}

function list(known: readonly string[]): string {
  return known.length === 0 ? "there are none" : `there are: ${known.toSorted().join(", ")}`;
}

function closest(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const near = Math.min(word.length - 1, Math.max(1, word.length / 3));
  if (best !== undefined && best.distance <= near) return best.name;
  // A setting in another unit: drainMs is far from drainSeconds, yet that is what was meant.
  return known.find((name) => firstWord(name) === firstWord(word));
}

function firstWord(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z].*/, "");
}

/** Counts letters that are missing, too many, wrong or exchanged with their neighbour; kept two rows at a time. */
function editDistance(a: string, b: string): number {
  let twoAbove: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 0; row < a.length; row++) {
    const current = [row + 1];
    for (let column = 0; column < b.length; column++) {
      const wrong = (above[column] ?? 0) + (a[row] === b[column] ? 0 : 1);
      const missing = (above[column + 1] ?? 0) + 1;
      const extra = (current[column] ?? 0) + 1;
      const isExchanged = a[row] === b[column - 1] && a[row - 1] === b[column];
      const exchanged = isExchanged ? (twoAbove[column - 1] ?? 0) + 1 : Infinity;
      current.push(Math.min(wrong, missing, extra, exchanged));
    }
    twoAbove = above;
    above = current;
  }
  return above.at(-1) ?? 0;
}
