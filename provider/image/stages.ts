import { DockerfileParser } from "dockerfile-ast";
import type { From, Instruction } from "dockerfile-ast";

/** One stage of a Dockerfile. */
export interface Stage {
  /** Its name, or its number, in lower case. */
  name: string;
  /** What it starts from, arguments put in: an image, `scratch` or an earlier stage. */
  from: string;
  /** Line of its FROM, from 1. */
  line: number;
  /** All that follows its FROM. */
  instructions: Instruction[];
}

/** The stages of a Dockerfile in their order. */
export function stagesOf(dockerfile: string, args: Readonly<Record<string, string>> = {}): Stage[] {
  const values: Record<string, string> = {};
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const current = stages.at(-1);
    if (isFrom(instruction)) {
      const name = instruction.getBuildStage() ?? String(stages.length);
      const from = substituted(instruction.getImage() ?? "", values);
      stages.push({ name: name.toLowerCase(), from, line: lineOf(instruction), instructions: [] });
    } else if (current !== undefined) current.instructions.push(instruction);
    else if (instruction.getKeyword() === "ARG") {
      // Only what stands before the first FROM counts in a FROM.
      const [, name = "", preset = ""] =
        /^(\w+)(?:=["']?([^"'\s]*))?/.exec(instruction.getArgumentsContent() ?? "") ?? [];
      values[name] = args[name] ?? preset;
    }
  }
  return stages;
}

/** The stage that is built and those that it starts from, itself first. */
export function lineageOf(stages: readonly Stage[], target?: string): Stage[] {
  const lineage: Stage[] = [];
  let stage = target === undefined ? stages.at(-1) : stages.find(({ name }) => name === target.toLowerCase());
  while (stage !== undefined) {
    lineage.push(stage);
    const { from } = stage;
    // A stage can start from an earlier one alone; its own name may be that of an image.
    stage = stages.slice(0, stages.indexOf(stage)).findLast(({ name }) => name === from.toLowerCase());
  }
  return lineage;
}

/** The image that the stage that is built starts from; undefined for `scratch`. */
export function baseOf(
  dockerfile: string,
  { args, target }: { args?: Readonly<Record<string, string>> | undefined; target?: string | undefined } = {},
): string | undefined {
  const from = lineageOf(stagesOf(dockerfile, args), target).at(-1)?.from;
  return from === "" || from === "scratch" ? undefined : from;
}

/** Line of an instruction, from 1. */
export function lineOf(instruction: Instruction): number {
  return instruction.getRange().start.line + 1;
}

function isFrom(instruction: Instruction): instruction is From {
  return instruction.getKeyword() === "FROM";
}

function substituted(image: string, values: Readonly<Record<string, string>>): string {
  return image.replace(/\$\{?(\w+)\}?/g, (_match, variable: string) => values[variable] ?? "");
}
