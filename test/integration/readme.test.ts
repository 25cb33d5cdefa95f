import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { marked } from "marked";
import type { Tokens } from "marked";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkspace, listImages, listLabelled } from "../support/workspace.ts";
import type { Workspace } from "../support/workspace.ts";

const README = marked.lexer(await readFile(new URL("../../README.md", import.meta.url), "utf8"));

/** A block of commands, the heading it stands under, and the lines that the README shows as its output. */
interface Story {
  section: string;
  commands: string;
  output: string[];
}

const stories = storiesOf(README);

describe("the commands of the README", () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await createWorkspace();
    for (const stack of ["platform", "dev", "preprod", "prod"]) await workspace.configure(stack);
    await writeFile(join(workspace.directory, "session"), "");
  });

  afterAll(async () => {
    await workspace.remove();
  });

  it("rest on a stack file that is accepted as shown", async () => {
    await mkdir(join(workspace.directory, "api"));
    await writeFile(join(workspace.directory, "api/Dockerfile"), "FROM scratch\n");
    await writeFile(join(workspace.directory, "stacks/shown.ts"), shownStackFile());

    const { output, exitCode } = await workspace.run("node", ["stacks/shown.ts"]);
    await workspace.run("rm", ["-r", "api", "stacks/shown.ts"]);

    expect({ output, exitCode }).toEqual({ output: "", exitCode: 0 });
  });

  it.each(stories.map((story) => [story.section, story.commands.split("\n")[0], story] as const))(
    'do under "%s" what it says: %s',
    async (_section, _first, { commands, output }) => {
      const printed = await runInSession(adapt(commands));

      expect(output.filter((line) => !shows(printed, adapt(line)))).toEqual([]);
    },
  );

  it("leave nothing on the engine in the end", async () => {
    expect(await listLabelled(workspace.docker, workspace.namespace)).toEqual([]);
    expect(await listImages(workspace.docker, `127.0.0.1:${workspace.ports.registry}/`)).toEqual([]);
  });

  /** Runs commands as the next lines of one shell session, whose variables the file `session` carries along. */
  async function runInSession(commands: string): Promise<string> {
    const script = `. ./session\n${commands}\nexport -p > session\n`;
    const { all, exitCode } = await execa("bash", ["-e", "-o", "pipefail", "-c", script], {
      cwd: workspace.directory,
      env: userEnvironment(workspace.env),
      extendEnv: false,
      all: true,
      reject: false,
    });
    if (exitCode !== 0) throw new Error(`${commands}\nended with ${exitCode}:\n${all}`);
    return all;
  }

  /** The README tells of the default ports and namespace; the workspace has its own. */
  function adapt(text: string): string {
    const { namespace, ports } = workspace;
    return text
      .replaceAll(":8443", `:${ports.https}`)
      .replaceAll("127.0.0.1:5000/slipway/", `127.0.0.1:${ports.registry}/${namespace}/`)
      .replaceAll("slipway.namespace=slipway", `slipway.namespace=${namespace}`)
      .replaceAll(/slipway-(dev|platform)-/g, `${namespace}-$1-`);
  }
});

function storiesOf(tokens: readonly { type: string }[]): Story[] {
  const found: Story[] = [];
  let section = "";
  for (const token of tokens) {
    if (isHeading(token)) section = token.text;
    if (!isCode(token)) continue;
    if (token.lang === "sh") found.push({ section, commands: token.text, output: [] });
    if (token.lang === "text") found.at(-1)?.output.push(...token.text.split("\n"));
  }
  return found;
}

function shownStackFile(): string {
  return README.filter(isCode).find(({ lang }) => lang === "ts")?.text ?? "";
}

function isHeading(token: { type: string }): token is Tokens.Heading {
  return token.type === "heading";
}

function isCode(token: { type: string }): token is Tokens.Code {
  return token.type === "code";
}

/** As a user has it who has set nothing: what the commands need, `npm run env` has to say. */
function userEnvironment(inherited: Record<string, string>): Record<string, string> {
  const own = Object.entries(inherited).filter(([name]) => !name.startsWith("PULUMI_"));
  return { ...Object.fromEntries(own), PULUMI_SKIP_CONFIRMATIONS: "true", NO_COLOR: "1" };
}

/** Lines without what differs from run to run: durations and digests, and without the width of gaps. */
function shapes(text: string): string[] {
  return text.split("\n").map((line) =>
    line
      .replaceAll(/(\d+ min )?\d+(\.\d+)?( ?)s\b/g, "0$3s")
      .replaceAll(/\b[0-9a-f]{12}\b|\b[0-9a-f]{64}\b/g, "digest")
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
}

/** Tells whether a line of the README is among what was printed; "…" stands for what it leaves out. */
function shows(printed: string, line: string): boolean {
  const parts = shapes(line).flatMap((shape) => shape.split("…"));
  return shapes(printed).some((shape) => {
    let end = 0;
    return parts.every((part) => {
      const start = shape.indexOf(part, end);
      end = start + part.length;
      return start >= 0;
    });
  });
}
