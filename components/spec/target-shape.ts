import { z } from "zod";
import { must, settings, text } from "./rules.ts";

const HOST_RULE = "be the address of an engine: unix:///path/to/socket, tcp://host:port or ssh://user@host";

/** Shape of a target. */
export const targetShape = settings("a target", {
  kind: z.literal("docker", must('be "docker"')),
  host: text(isEngineAddress, HOST_RULE).optional(),
});

function isEngineAddress(value: string): boolean {
  const url = URL.parse(value);
  if (url === null) return false;
  if (url.protocol === "unix:") return url.hostname === "" && url.pathname.length > 1;
  if (url.protocol === "tcp:") return url.hostname !== "" && url.port !== "";
  return url.protocol === "ssh:" && url.hostname !== "";
}
