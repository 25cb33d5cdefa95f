import { access, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isMap, parseDocument } from "yaml";
import type { Document } from "yaml";
import { ExitCode, UserError } from "../errors.ts";

const LONGEST_NAME = 20;
const DNS_LABEL = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
const REVIEW_PREFIX = "review-";
// The one file of stacks/ that declares no stack.
const SETTINGS = "settings";

/**
 * Writes the stack file and the configuration of a new environment as copies of another one's, under its own domain.
 *
 * @returns what the user is told, line by line.
 * @throws {UserError} when the name does not fit or is taken, or when there is no stack to copy; nothing is then written.
 */
export async function createEnvironment(
  repository: string,
  name: string,
  from: string,
): Promise<{ messages: string[] }> {
  const existing = await stackFiles(repository);
  checkName(name, from, existing);
  const source = await readFile(stackFile(repository, from), "utf8");
  const renamed = withCommentOf(name, from, withDomainOf(name, from, source));
  const config = await copyConfig(repository, from);
  const target = configFile(repository, name);
  if (config !== undefined && (await exists(target))) {
    throw refusal(`Pulumi.${name}.yaml exists already`, "Remove it or choose another name.");
  }
  await writeFile(stackFile(repository, name), renamed, { flag: "wx" });
  if (config !== undefined) await writeFile(target, config.text, { flag: "wx" });
  const written = [`stacks/${name}.ts`, ...(config === undefined ? [] : [`Pulumi.${name}.yaml`])];
  return {
    messages: [
      `Wrote ${written.join(" and ")}, as ${from} has them.`,
      ...(withDomainOf(name, from, source) === source
        ? [`stacks/${name}.ts names no domain ${from}.localhost: give it a domain of its own.`]
        : []),
      ...(config?.secrets ?? []).map(
        (key) => `Its secret is its own: pulumi config set --secret ${key} --stack ${name}`,
      ),
      `Next: pulumi stack init ${name} && pulumi up`,
    ],
  };
}

/** Gives a stack file's text the domain of another environment; its own is its name below the installation's domain. */
export function withDomainOf(name: string, from: string, source: string): string {
  const below = ["localhost", "${settings.domain}"];
  return below.reduce((text, domain) => text.replaceAll(`${from}.${domain}`, `${name}.${domain}`), source);
}

/** Replaces what the other stack file says of itself, which is not true of the copy. */
export function withCommentOf(name: string, from: string, source: string): string {
  return source.replace(
    /\/\*\*[^]*?\*\/(?=\s*export default)/,
    `/** The environment ${name}, begun as a copy of ${from}. */`,
  );
}

/** Copies a stack's configuration without what only that stack can read, and names the secrets that were left out. */
export function withoutSecrets(yaml: string): { text: string; secrets: string[] } {
  const document: Document = parseDocument(yaml);
  for (const key of ["encryptionsalt", "encryptedkey", "secretsprovider"]) document.delete(key);
  const config = document.get("config");
  const secrets = isMap(config)
    ? config.items.filter(({ value }) => isMap(value) && value.has("secure")).map(({ key }) => String(key))
    : [];
  for (const key of secrets) document.deleteIn(["config", key]);
  return { text: document.toString(), secrets };
}

function checkName(name: string, from: string, existing: readonly string[]): void {
  if (!DNS_LABEL.test(name) || name.length > LONGEST_NAME) {
    const rule = `must be a DNS label of at most ${LONGEST_NAME} characters (a-z, 0-9 and -, beginning with a letter)`;
    throw refusal(`name: ${rule}, got "${name}"`, "Choose another name, such as qa.");
  }
  if (name.startsWith(REVIEW_PREFIX)) {
    const remedy = `Run \`pulumi stack init ${name} && pulumi up\`.`;
    throw refusal(`name: every stack called ${REVIEW_PREFIX}* is served by stacks/review.ts, got "${name}"`, remedy);
  }
  if (existing.includes(name)) {
    throw refusal(`name: stacks/${name}.ts exists already`, "Choose another name, or edit that file.");
  }
  const stacks = existing.filter((file) => file !== SETTINGS);
  if (!stacks.includes(from)) {
    throw refusal(`--from: there is no stack file stacks/${from}.ts`, `Choose one of ${stacks.join(", ")}.`);
  }
}

async function stackFiles(repository: string): Promise<string[]> {
  const files = await readdir(join(repository, "stacks"));
  return files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length))
    .sort();
}

async function copyConfig(repository: string, from: string): Promise<{ text: string; secrets: string[] } | undefined> {
  const file = configFile(repository, from);
  return (await exists(file)) ? withoutSecrets(await readFile(file, "utf8")) : undefined;
}

function stackFile(repository: string, name: string): string {
  return join(repository, "stacks", `${name}.ts`);
}

function configFile(repository: string, name: string): string {
  return join(repository, `Pulumi.${name}.yaml`);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function refusal(message: string, remedy: string): UserError {
  return new UserError(message, remedy, ExitCode.usage);
}
