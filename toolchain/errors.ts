/** Something the user can mend: what is wrong, and what to do about it. */
export class UserError extends Error {
  /** What to do, as an imperative sentence. */
  readonly remedy: string;
  /** The exit code that the command ends with. */
  readonly exitCode: number;

  constructor(message: string, remedy: string, exitCode: number = ExitCode.setup) {
    super(message);
    this.name = "UserError";
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/** What a command of the toolchain ends with; the code of a program that it runs is passed on as it is. */
export const ExitCode = { done: 0, failed: 1, usage: 2, drift: 2, setup: 3 } as const;

/** Says in one line what went wrong, whatever was thrown. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${cause}`;
}
