const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs work that leaves nothing behind when it is stopped: Ctrl-C ends it by its signal, and not the process under it.
 *
 * @param output gets a line when that happens.
 */
export async function interruptible<T>(
  output: Pick<NodeJS.WriteStream, "write">,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) return;
    output.write("Stopping: what was begun is removed; a switch that has begun is gone through with.\n");
    controller.abort(new Error(`stopped by ${signal}`));
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}
