import type Docker from "dockerode";
import { z } from "zod";

const event = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  stream: z.string().optional(),
  error: z.string().optional(),
  aux: z.unknown().optional(),
});

/** One line of what an engine says while it pulls, pushes or builds. */
export type EngineEvent = z.infer<typeof event>;

/** Follows a pull, push or build to its end. @throws {Error} with the engine's reason when it fails. */
export async function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onEvent: (event: EngineEvent) => void = () => undefined,
): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) => {
        if (error) reject(error);
        else resolve();
      },
      (line) => {
        const parsed = event.parse(line);
        events.push(parsed);
        onEvent(parsed);
      },
    );
  });
  const failed = events.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) throw new Error(failed.error);
  return events;
}
