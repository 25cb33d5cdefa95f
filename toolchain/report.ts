import { Listr, ListrLogger, ListrTaskEventType, ListrTaskState, PRESET_TIMER, ProcessOutput } from "listr2";
import type { ListrRenderer, ListrTask, ListrTaskObject } from "listr2";
import colours from "picocolors";
import { ExitCode, UserError, describe } from "./errors.ts";

/** Shows what a step is doing now; the next call replaces it. */
export type Say = (progress: string) => void;

/** One need of the toolchain: its name, and the work that meets it and sums up how. */
export interface Step {
  name: string;
  run: (say: Say) => Promise<string>;
}

/**
 * Runs rows of steps side by side, the steps of a row one after another, and shows each step in one line with the time it
 * took. All failures are shown before it throws.
 *
 * @throws {UserError} when a step failed.
 */
export async function runSteps(rows: readonly (readonly Step[])[], output: NodeJS.WriteStream): Promise<void> {
  const list = new Listr<object, typeof PlainRenderer | "default", typeof PlainRenderer>(
    rows.map((row) => ({
      task: (_, task) => task.newListr(row.map(toTask), { concurrent: false, exitOnError: true }),
    })),
    { concurrent: true, exitOnError: false, collectErrors: true, ...rendererFor(output) },
  );
  await list.run();
  const failures = (list.errors ?? []).map(({ error }) => error);
  if (failures.length > 0) throw new AggregateError(failures, "Setup did not finish.");
}

/** Writes a failure with what to do about it, and returns the exit code that belongs to it. */
export function reportFailure(error: unknown, output: NodeJS.WriteStream): number {
  const failures: unknown[] = error instanceof AggregateError ? error.errors : [error];
  for (const failure of failures) {
    output.write(`\n${paint(output).red("error")} ${describe(failure)}\n`);
    if (failure instanceof UserError) output.write(`${paint(output).bold("to do")} ${failure.remedy}\n`);
  }
  if (error instanceof UserError) return error.exitCode;
  return error instanceof AggregateError ? ExitCode.setup : ExitCode.failed;
}

/**
 * Colours for a stream, which are none where no one would see them. A stream that is no terminal has no `isTTY` at all, and
 * picocolors, told `undefined`, decides for itself: by `CI` in the environment.
 */
export function paint(output: { readonly isTTY?: boolean }): ReturnType<typeof colours.createColors> {
  return colours.createColors(output.isTTY === true && process.env.NO_COLOR === undefined);
}

/** Writes a duration for people. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function toTask({ name, run }: Step): ListrTask {
  return {
    title: name,
    task: async (_, task) => {
      const summary = await run((progress) => {
        task.output = progress;
      });
      task.title = `${name}: ${summary}`;
    },
  };
}

function rendererFor(output: NodeJS.WriteStream) {
  const plain = { output };
  // A terminal without a width, such as that of a build server, has no line that could be written anew.
  if (!output.isTTY || output.columns === 0) return { renderer: PlainRenderer, rendererOptions: plain };
  const logger = new ListrLogger({ useIcons: true, processOutput: new ProcessOutput(output, output) });
  return {
    renderer: "default" as const,
    rendererOptions: { logger, collapseSubtasks: false, timer: PRESET_TIMER },
    // Where standard output is no terminal listr2 takes this one and its options, whatever the logger writes to.
    fallbackRenderer: PlainRenderer,
    fallbackRendererOptions: plain,
  };
}

/** For logs and pipes: one line when a step says what it does, one when it is done; nothing is redrawn. */
class PlainRenderer implements ListrRenderer {
  static nonTTY = true;
  static rendererOptions: { output: NodeJS.WritableStream };
  static rendererTaskOptions: never;
  private readonly tasks: ListrTaskObject<unknown, typeof PlainRenderer>[];
  private readonly output: NodeJS.WritableStream;

  constructor(
    tasks: ListrTaskObject<unknown, typeof PlainRenderer>[],
    options: (typeof PlainRenderer)["rendererOptions"],
  ) {
    this.tasks = tasks;
    this.output = options.output;
  }

  render(): void {
    this.follow(this.tasks);
  }

  end(): void {
    // Each line was written when it was true.
  }

  private follow(tasks: ListrTaskObject<unknown, typeof PlainRenderer>[]): void {
    for (const task of tasks) {
      const name = task.title ?? "";
      let started = Date.now();
      task.on(ListrTaskEventType.SUBTASK, (subtasks: ListrTaskObject<unknown, typeof PlainRenderer>[]) => {
        this.follow(subtasks);
      });
      if (!task.hasTitle()) continue;
      task.on(ListrTaskEventType.OUTPUT, (progress) => {
        this.output.write(`… ${name}: ${progress}\n`);
      });
      task.on(ListrTaskEventType.STATE, (state) => {
        if (state === ListrTaskState.STARTED) started = Date.now();
        if (state === ListrTaskState.COMPLETED) this.write("✔", task.title ?? name, started);
        if (state === ListrTaskState.FAILED) this.write("✖", `${name}: failed`, started);
      });
    }
  }

  private write(sign: string, line: string, started: number): void {
    this.output.write(`${sign} ${line} [${duration(Date.now() - started)}]\n`);
  }
}
