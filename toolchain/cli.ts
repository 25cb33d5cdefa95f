import { parseArgs } from "node:util";
import { check } from "./commands/check.ts";
import { createEnvironment } from "./commands/new.ts";
import { writeNote } from "./commands/note.ts";
import { run } from "./commands/run.ts";
import { start } from "./commands/start.ts";
import { exportLines } from "./environment.ts";
import { ExitCode, UserError } from "./errors.ts";
import { REPOSITORY, placesOf } from "./places.ts";
import { reportFailure } from "./report.ts";
import { setUp } from "./setup.ts";

const HELP = `Slipway: every environment of a containerised application as one Pulumi program

  npm start                          set up what is missing, deploy the stacks platform and dev, name their URLs
  npm test [-- FILTER]               set up what is missing, run all tests
  npm run check                      format, lint, import rules, types, unit tests; needs no engine
  npm run new -- NAME [--from STACK] write the stack file of a new environment, as a copy of STACK (default: dev)
  npm run --silent env               print the exports with which plain pulumi commands work in your shell
  npm run setup                      set up what is missing, nothing else
  npm run bench [-- ARGUMENT...]     set up what is missing, measure
  npm run --silent note -- FILE      in GitLab CI: write a preview as a note on the merge request (.gitlab-ci.yml)

Nothing is asked. Settings are environment variables:
  SLIPWAY_CACHE                      what is downloaded and built for this machine (default: ~/.cache/slipway)
  SLIPWAY_IMAGE_<NAME>               takes the place of the image of that name in images.json
  DOCKER_HOST                        the Docker engine to use
  PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE
                                     the state to use, and its passphrase (default: both in .slipway/)

Exit codes: 0 done, 1 a deploy, a test or a check failed (a program that was run passes its own on),
2 wrong usage, 3 something that is needed cannot be had; what to do is said.
`;

const places = placesOf(REPOSITORY, process.env);

const commands: Record<string, (args: string[]) => Promise<number>> = {
  start: async (args) => {
    takeNoArguments("start", args);
    return start(places, await environment(process.stdout), process.stdout);
  },
  setup: async (args) => {
    takeNoArguments("setup", args);
    await environment(process.stdout);
    return ExitCode.done;
  },
  env: async (args) => {
    takeNoArguments("env", args);
    process.stdout.write(exportLines(await environment(process.stderr)));
    return ExitCode.done;
  },
  test: async (args) => run(["vitest", "run", ...args], places.repository, await environment(process.stdout)),
  bench: async (args) => run(["node", "bench/run.ts", ...args], places.repository, await environment(process.stdout)),
  check: (args) => {
    takeNoArguments("check", args);
    return check(places.repository);
  },
  new: async (args) => {
    const { name, from } = parseNew(args);
    const { messages } = await createEnvironment(places.repository, name, from);
    process.stdout.write(messages.map((line) => `${line}\n`).join(""));
    return ExitCode.done;
  },
  note: async (args) => {
    const [file, ...others] = args;
    if (file === undefined || others.length > 0) throw usage(`note takes one file, got ${args.length}`);
    return writeNote(file, process.env, process.stdout);
  },
};

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => reportFailure(error, process.stderr));

async function main([name = "--help", ...args]: string[]): Promise<number> {
  if (["--help", "-h", "help"].includes(name) || args[0] === "--help") {
    process.stdout.write(HELP);
    return ExitCode.done;
  }
  const command = commands[name];
  if (command === undefined)
    throw usage(`there is no command "${name}"; there are ${Object.keys(commands).join(", ")}`);
  return command(args);
}

function environment(output: NodeJS.WriteStream): Promise<Record<string, string>> {
  return setUp(places, process.env, output);
}

function parseNew(args: string[]): { name: string; from: string } {
  try {
    const options = { from: { type: "string", default: "dev" } } as const;
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0) throw new Error(`one name is needed, got ${positionals.length}`);
    return { name, from: values.from };
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function takeNoArguments(command: string, args: string[]): void {
  if (args.length > 0) throw usage(`${command} takes no arguments, got "${args.join(" ")}"`);
}

function usage(message: string): UserError {
  return new UserError(message, "See `npm start -- --help`.", ExitCode.usage);
}
