import { parseDestroy, parseDrift, parseGc, parseNew, parseNote, parsePreview, parseReview } from "./arguments.ts";
import {
  parseBackup,
  parsePromoteReplica,
  parseReproduce,
  parseRestore,
  parseRotate,
  parseStack,
  parseSweep,
  parseTrace,
  parseUp,
  takeNoArguments,
  usage,
} from "./arguments.ts";
import { backUpNow } from "./commands/backup.ts";
import { showBackups } from "./commands/backups.ts";
import { check } from "./commands/check.ts";
import { destroy } from "./commands/destroy.ts";
import { drift } from "./commands/drift.ts";
import { collectGarbage } from "./commands/gc.ts";
import { createEnvironment } from "./commands/new.ts";
import { writeNote } from "./commands/note.ts";
import { preview } from "./commands/preview.ts";
import { promoteReplica } from "./commands/promote-replica.ts";
import { renew } from "./commands/renew.ts";
import { reproduce } from "./commands/reproduce.ts";
import { restore } from "./commands/restore.ts";
import { review } from "./commands/review.ts";
import { rollBack } from "./commands/rollback.ts";
import { rotate } from "./commands/rotate.ts";
import { run } from "./commands/run.ts";
import { start } from "./commands/start.ts";
import { showStatus } from "./commands/status.ts";
import { sweep } from "./commands/sweep.ts";
import { trace } from "./commands/trace.ts";
import { exportLines } from "./environment.ts";
import { ExitCode } from "./errors.ts";
import { REPOSITORY, placesOf } from "./places.ts";
import { reportFailure } from "./report.ts";
import { setUp } from "./setup.ts";
import { deploy } from "./stack/deploy.ts";

const HELP = `Slipway: every environment of a containerised application as one Pulumi program

  npm start                          set up what is missing, deploy the stacks platform and dev, name their URLs
  npm test [-- FILTER]               set up what is missing, run all tests
  npm run up -- -s STACK [FLAG...]   deploy a stack, show what became of each service; flags are pulumi up's
  npm run preview -- -s STACK [--out FILE] [--json]
                                     show what an up would do, what puts data at risk first
  npm run drift -- -s STACK [--deployed] [--json]
                                     name what is not as declared, or not as it was deployed; exit code 2 when something is
  npm run status -- -s STACK         show what runs of a stack, and whether it works; --json for machines
  npm run rollback -- -s STACK [SERVICE | PACKAGE] [--to VERSION | --off]
                                     take a service back to an earlier release without building, or a data package to an
                                     earlier version without its source, or list what there is
  npm run review -- BRANCH [--ttl 7d] [--dotenv FILE]
                                     deploy the environment of a branch; its time begins anew with each deploy
  npm run destroy -- -s review-… | --branch BRANCH
                                     destroy a review environment with its data
  npm run destroy -- -s STACK --keep-data | --remove-data NAME...
                                     destroy any other; of its volumes those go that are named
  npm run sweep [-- --dry-run] [--remote origin] [--json]
                                     destroy the review environments whose branch is gone or whose time has passed
  npm run renew -- -s STACK          renew the stack's certificate if it is due, change nothing else
  npm run rotate -- -s STACK [SECRET [--finish]]
                                     make another value for a generated secret, or list those there are; both values
                                     count until --finish
  npm run promote-replica -- -s STACK DATABASE [--to N] [--json]
                                     make a replica of a database its primary; the old one is fenced, and the next up
                                     makes it a replica
  npm run backup -- -s STACK [DATABASE] [--prove-only]
                                     back up the databases of a stack now, or one of them, or prove its newest backup
  npm run backups -- -s STACK [--json]
                                     list the backups there are; exit code 1 when one has failed, is missing or overdue
  npm run restore -- -s STACK DATABASE [--from ID | --at TIME]
                                     put a backup in the place of a database, the newest good one if none is named, or
                                     what it was at a moment
  npm run gc [-- --dry-run] [--json] remove from the registry what nobody deploys and no version names, as far as it is old
  npm run trace -- CONTAINER | URL [--json]
                                     tell where what runs comes from: image, tags, commit, who built it where
  npm run reproduce -- -s STACK SERVICE [--json]
                                     build a service's image twice without cache, and tell which layers differ and why
  npm run check                      format, lint, import rules, types, unit tests; needs no engine
  npm run new -- NAME [--from STACK] write the stack file of a new environment, as a copy of STACK (default: dev)
  npm run --silent env               print the exports with which plain pulumi commands work in your shell
  npm run setup                      set up what is missing, nothing else
  npm run bench [-- ARGUMENT...]     set up what is missing, measure
  npm run note -- -s STACK FILE      in CI: write what preview --out wrote as a note on the merge or pull request

Nothing is asked. Settings are environment variables:
  SLIPWAY_CACHE                      what is downloaded and built for this machine (default: ~/.cache/slipway)
  SLIPWAY_DEBUG                      set to 1, pulumi up --debug shows what the SDK does as well
  SLIPWAY_IMAGE_<NAME>               takes the place of the image of that name in images.json
  DOCKER_HOST                        the Docker engine to use
  PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE
                                     the state to use, and its passphrase (default: both in .slipway/)

Exit codes: 0 done, 1 a deploy, a test or a check failed (a program that was run passes its own on),
2 wrong usage or a drift, 3 something that is needed cannot be had; what to do is said.
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
  up: async (args) => {
    const { stack, flags } = parseUp(args);
    return deploy(stack, places, await environment(process.stdout), process.stdout, flags);
  },
  preview: async (args) => preview(parsePreview(args), places, await environment(process.stderr), process.stdout),
  drift: async (args) => drift(parseDrift(args), places, await environment(process.stderr), process.stdout),
  status: async (args) => {
    const { stack, json, others } = parseStack(args);
    takeNoArguments("status", others);
    return showStatus({ stack, json }, places, await environment(process.stderr), process.stdout);
  },
  rollback: async (args) => {
    const { others, ...options } = parseStack(args);
    const [subject, ...more] = others;
    takeNoArguments("rollback", more);
    return rollBack({ ...options, subject }, places, await environment(process.stderr), process.stdout);
  },
  review: async (args) => review(parseReview(args), places, await environment(process.stdout), process.stdout),
  destroy: async (args) => destroy(parseDestroy(args), places, await environment(process.stdout), process.stdout),
  sweep: async (args) => {
    const options = parseSweep(args);
    const streams = { output: process.stdout, errors: process.stderr };
    return sweep(options, places, await environment(process.stderr), streams);
  },
  renew: async (args) => {
    const { stack, others } = parseStack(args);
    takeNoArguments("renew", others);
    return renew(stack, places, await environment(process.stdout), process.stdout);
  },
  backup: async (args) => backUpNow(parseBackup(args), places, await environment(process.stderr), process.stdout),
  backups: async (args) => {
    const { stack, json, others } = parseStack(args);
    takeNoArguments("backups", others);
    return showBackups({ stack, json }, places, await environment(process.stderr), process.stdout);
  },
  restore: async (args) => restore(parseRestore(args), places, await environment(process.stderr), process.stdout),
  rotate: async (args) => rotate(parseRotate(args), places, await environment(process.stderr), process.stdout),
  "promote-replica": async (args) =>
    promoteReplica(parsePromoteReplica(args), places, await environment(process.stderr), process.stdout),
  gc: async (args) => {
    const options = parseGc(args);
    return collectGarbage(options, places, await environment(process.stderr), process.stdout);
  },
  trace: async (args) => trace(parseTrace(args), places, await environment(process.stderr), process.stdout),
  reproduce: async (args) => {
    const options = parseReproduce(args);
    return reproduce(options, { places, environment: await environment(process.stderr) }, process.stdout);
  },
  test: async (args) => run(["vitest", "run", ...args], places.repository, await wholeEnvironment(process.stdout)),
  bench: async (args) =>
    run(["node", "bench/run.ts", ...args], places.repository, await wholeEnvironment(process.stdout)),
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
  note: async (args) => writeNote(parseNote(args), process.env, process.stdout),
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

/** With the images that no stack file needs as well: tests and benchmarks write stack files of their own. */
function wholeEnvironment(output: NodeJS.WriteStream): Promise<Record<string, string>> {
  return setUp(places, process.env, output, { allImages: true });
}
