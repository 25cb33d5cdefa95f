import { DockerfileParser } from "dockerfile-ast";
import type { Instruction } from "dockerfile-ast";
import { parseReference } from "./reference.ts";
import { lineageOf, lineOf, stagesOf } from "./stages.ts";
import type { Stage } from "./stages.ts";
import { unlockedIn } from "./unlocked.ts";

/** Something in a Dockerfile that the same commit builds differently one day, or that opens a container. */
export interface DockerfileWarning {
  /** From 1. */
  line: number;
  rule: Rule;
  text: string;
}

type Rule = "unpinned" | "unlocked" | "root" | "secret";

/** Repositories of the platform's base images, which name their own user. */
const OWN_BASE = /\/base-[a-z0-9-]+@sha256:/;
const SECRET_NAME = /(pass(word|phrase|wd)?|secret|token|credentials?|api_?key|private_?key)$/i;

/**
 * Looks through a Dockerfile. What is meant that way is said in a comment right above: `# slipway ignore=unpinned,root`.
 *
 * @returns warnings in the order of their lines.
 */
export function lintDockerfile(
  dockerfile: string,
  { args, target }: { args?: Readonly<Record<string, string>> | undefined; target?: string | undefined } = {},
): DockerfileWarning[] {
  const stages = stagesOf(dockerfile, args);
  const instructions = stages.flatMap((stage) => stage.instructions);
  const warnings = [
    ...stages.flatMap((stage, index) => unpinned(stage, stages.slice(0, index))),
    ...instructions.filter((each) => each.getKeyword() === "RUN").flatMap(unlocked),
    ...instructions.filter((each) => ["ARG", "ENV"].includes(each.getKeyword())).flatMap(secrets),
    ...rootAtTheEnd(lineageOf(stages, target)),
  ];
  const ignored = ignoredRules(dockerfile);
  return warnings
    .filter(({ startLine, rule }) => !ignored(startLine, rule))
    .map(({ line, rule, text }) => ({ line, rule, text }))
    .sort((a, b) => a.line - b.line);
}

interface Found extends DockerfileWarning {
  /** Line of the instruction, above which a comment may stand. */
  startLine: number;
}

function unpinned({ from, line }: Stage, earlier: readonly Stage[]): Found[] {
  const isStage = earlier.some(({ name }) => name === from.toLowerCase());
  if (from === "" || from === "scratch" || isStage || parseReference(from).digest !== undefined) return [];
  const text = `FROM ${from} is not pinned: a tag can be moved to other content, name@sha256:… cannot`;
  return [{ line, startLine: line, rule: "unpinned", text }];
}

function unlocked(run: Instruction): Found[] {
  const startLine = lineOf(run);
  return unlockedIn(run.getTextContent()).map(({ offset, command, advice }) => ({
    line: startLine + offset,
    startLine,
    rule: "unlocked",
    text: `${command} installs what is newest on the day of the build: ${advice}`,
  }));
}

function secrets(instruction: Instruction): Found[] {
  const names = [...(instruction.getArgumentsContent() ?? "").matchAll(/(?:^|\s)(\w+)(?==|\s|$)/g)].map(
    ([, name = ""]) => name,
  );
  const secret = names.find((name) => SECRET_NAME.test(name));
  if (secret === undefined) return [];
  const line = lineOf(instruction);
  const text = `${instruction.getKeyword()} ${secret} stays readable in the image: take build.secrets and RUN --mount=type=secret`;
  return [{ line, startLine: line, rule: "secret", text }];
}

function rootAtTheEnd(lineage: readonly Stage[]): Found[] {
  const [built] = lineage;
  if (built === undefined) return [];
  const users = lineage.flatMap((stage) => stage.instructions.filter((each) => each.getKeyword() === "USER").reverse());
  const [last] = users;
  if (last === undefined) {
    const base = lineage.at(-1)?.from ?? "";
    if (OWN_BASE.test(base)) return [];
    const text = `there is no USER, so that the program runs as the base image's user, most often root: add USER 1000:1000`;
    return [{ line: built.line, startLine: built.line, rule: "root", text }];
  }
  const user = (last.getArgumentsContent() ?? "").trim();
  if (!/^(root|0+)(:|$)/.test(user)) return [];
  const line = lineOf(last);
  return [
    { line, startLine: line, rule: "root", text: `USER ${user} is the last one: let the program run as another` },
  ];
}

/** Tells which rules a comment right above an instruction takes out. */
function ignoredRules(dockerfile: string): (line: number, rule: Rule) => boolean {
  const comments = new Map(
    DockerfileParser.parse(dockerfile)
      .getComments()
      .map((comment) => [comment.getRange().start.line + 1, comment.getContent()]),
  );
  return (line, rule) => {
    for (let above = line - 1; comments.has(above); above--) {
      const [, rules = ""] = /\bslipway ignore=([\w,]+)/.exec(comments.get(above) ?? "") ?? [];
      if (rules.split(",").includes(rule)) return true;
    }
    return false;
  };
}
