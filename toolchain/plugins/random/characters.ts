import { randomInt } from "node:crypto";
import type { RandomPasswordArgs } from "@pulumi/random";
import { z } from "zod";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const minimum = z.number().int().min(0).optional();
const flag = z.boolean().optional();

/** Values of which a change replaces a random resource; a null counts as absent. */
export const keepers = z.record(z.string(), z.string().nullable()).optional();

/** Inputs of RandomPassword and RandomString. */
export const charactersShape = {
  length: z.number().int().min(1),
  special: flag,
  upper: flag,
  lower: flag,
  number: flag,
  numeric: flag,
  minSpecial: minimum,
  minUpper: minimum,
  minLower: minimum,
  minNumeric: minimum,
  overrideSpecial: z.string().optional(),
  keepers,
} satisfies Record<keyof RandomPasswordArgs, z.ZodType>;

/** Rules that a random text keeps. */
export type CharacterRules = z.infer<z.ZodObject<typeof charactersShape>>;

/**
 * Draws a random text by its rules: first the minimum of each kind, then from all kinds that are allowed, then shuffled.
 * Each draw is unbiased (`crypto.randomInt`).
 *
 * @throws {Error} when the rules leave no characters, or ask for more of them than `length`.
 */
export function drawCharacters(rules: CharacterRules): string {
  const kinds = kindsOf(rules);
  const required = kinds.reduce((sum, { minimum: least }) => sum + least, 0);
  if (required > rules.length) {
    throw new Error(`length: must be at least the sum of the minima, ${required}, got ${rules.length}`);
  }
  const all = kinds.filter(({ allowed }) => allowed).map(({ characters }) => characters);
  if (all.join("") === "") throw new Error("special, upper, lower, numeric: at least one of them must be true");
  const drawn = kinds.flatMap(({ characters, minimum: least }) => draw(characters, least));
  return shuffle([...drawn, ...draw(all.join(""), rules.length - required)]).join("");
}

function kindsOf(rules: CharacterRules) {
  const { overrideSpecial } = rules;
  const special = overrideSpecial === undefined || overrideSpecial === "" ? SPECIAL : overrideSpecial;
  return [
    { characters: special, allowed: rules.special ?? true, minimum: rules.minSpecial ?? 0 },
    { characters: UPPER, allowed: rules.upper ?? true, minimum: rules.minUpper ?? 0 },
    { characters: LOWER, allowed: rules.lower ?? true, minimum: rules.minLower ?? 0 },
    { characters: DIGITS, allowed: rules.numeric ?? rules.number ?? true, minimum: rules.minNumeric ?? 0 },
  ];
}

function draw(characters: string, count: number): string[] {
  return Array.from({ length: count }, () => characters.charAt(randomInt(characters.length)));
}

function shuffle(items: string[]): string[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(randomInt(rest.length), 1));
}
