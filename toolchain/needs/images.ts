import { createReadStream } from "node:fs";
import { access, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { z } from "zod";
import { findImage, importArchive, pullImage } from "../docker.ts";
import { imageVariable } from "../environment.ts";
import { UserError, describe } from "../errors.ts";
import { findProgram } from "../files.ts";
import { buildArchive, recipeVersion } from "../images/build.ts";
import { haproxy } from "../images/haproxy.ts";
import { mariadb } from "../images/mariadb.ts";
import { node } from "../images/node.ts";
import { postgres } from "../images/postgres.ts";
import type { ImageRecipe } from "../images/recipe.ts";
import { registry } from "../images/registry.ts";
import type { Places } from "../places.ts";
import { REFUSAL_HOURS, Refusals } from "../refusals.ts";
import type { Say } from "../report.ts";

const STAND_INS: Record<string, ImageRecipe> = { haproxy, mariadb, node, postgres, registry };
const DATABASES = ["mariadb", "postgres"];
const ENGINE = /\bengine: "(mariadb|mysql|postgres)"/g;
const VERSION_LABEL = "slipway.stand-in";

/** The image that a name of images.json stands for on this machine. */
export interface ImageChoice {
  reference: string;
  /** The variable by which the user asked for it; it is then required. */
  requiredBy?: string;
}

/** An image that the engine has. */
export interface ProvidedImage {
  /** Set where it is another than images.json says. */
  replacement?: string;
  summary: string;
}

/** The image names of images.json. */
export async function readImages(repository: string): Promise<Record<string, string>> {
  return z.record(z.string(), z.string()).parse(JSON.parse(await readFile(join(repository, "images.json"), "utf8")));
}

/**
 * The images of images.json that are needed: those of databases only where a stack file names their engine, or all are
 * wanted.
 */
export async function neededImages(repository: string, all: boolean): Promise<Record<string, string>> {
  const official = await readImages(repository);
  if (all) return official;
  const stacks = join(repository, "stacks");
  const files = (await readdir(stacks, { recursive: true })).filter((file) => file.endsWith(".ts"));
  const sources = await Promise.all(files.map((file) => readFile(join(stacks, file), "utf8")));
  const engines = sources.flatMap((source) => [...source.matchAll(ENGINE)].map(([, engine]) => engine));
  const declared = engines.map((engine) => (engine === "mysql" ? "mariadb" : engine));
  return Object.fromEntries(
    Object.entries(official).filter(([name]) => !DATABASES.includes(name) || declared.includes(name)),
  );
}

/** Takes the user's own setting before images.json; a stand-in's name in it is an earlier start's, not the user's. */
export function chooseImage(name: string, official: string, environment: NodeJS.ProcessEnv): ImageChoice {
  const variable = imageVariable(name);
  const setting = environment[variable];
  if (setting === undefined || setting === "" || setting === STAND_INS[name]?.reference) return { reference: official };
  return { reference: setting, requiredBy: variable };
}

/** Sees to it that the engine has an image: as it is, pulled, or our stand-in for it. */
export async function provideImage(
  name: string,
  choice: ImageChoice,
  docker: Docker,
  places: Places,
  say: Say,
): Promise<ProvidedImage> {
  const { reference, requiredBy } = choice;
  const replacement = requiredBy === undefined ? undefined : reference;
  if (await findImage(docker, reference)) return { replacement, summary: reference };
  const refusals = new Refusals(places.cache);
  const source = `pull ${reference}`;
  let refusal = `it was refused within the last ${REFUSAL_HOURS} h`;
  if (requiredBy !== undefined || !(await refusals.has(source))) {
    try {
      say(`pulling ${reference}`);
      await pullImage(docker, reference, say);
      return { replacement, summary: `${reference}, pulled` };
    } catch (error) {
      refusal = describe(error);
      await refusals.add(source);
    }
  }
  const recipe = STAND_INS[name];
  if (requiredBy !== undefined || recipe === undefined) throw notToBeHad(name, choice, refusal);
  const how = await provideStandIn(name, recipe, docker, places, say, refusal);
  return {
    replacement: recipe.reference,
    summary: `${recipe.reference}${how}, a stand-in as ${reference} cannot be pulled; asked again after ${REFUSAL_HOURS} h`,
  };
}

async function provideStandIn(
  name: string,
  recipe: ImageRecipe,
  docker: Docker,
  places: Places,
  say: Say,
  refusal: string,
): Promise<string> {
  const version = await recipeVersion(name);
  const found = await findImage(docker, recipe.reference);
  const labels: Record<string, string> | null | undefined = found?.Config.Labels;
  if (labels?.[VERSION_LABEL] === version) return "";
  const archive = join(places.cache, "images", `${name}-${version}.tar`);
  const isCached = await access(archive).then(
    () => true,
    () => false,
  );
  if (!isCached) {
    const tools = await Promise.all(["apt-get", "dpkg-deb"].map((tool) => findProgram(tool, process.env.PATH)));
    if (tools.includes(undefined)) throw notToBeHad(name, { reference: recipe.reference }, refusal);
    say(`building ${recipe.reference} from the system's packages`);
    await buildArchive(recipe, archive);
  }
  say(`importing ${recipe.reference}`);
  const changes = [...recipe.changes, `LABEL ${VERSION_LABEL}=${version}`];
  await importArchive(docker, createReadStream(archive), recipe.reference, changes);
  return isCached ? ", imported" : ", built";
}

function notToBeHad(name: string, { reference, requiredBy }: ImageChoice, refusal: string): UserError {
  const variable = imageVariable(name);
  return new UserError(
    `${requiredBy ?? `images.json.${name}`}: the image ${reference} is not on the engine and cannot be pulled: ${refusal}`,
    `Load it (\`docker load\`) or set ${variable} to a name that the engine has or can pull, such as that of your mirror.`,
  );
}
