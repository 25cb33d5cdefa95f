import protobuf from "google-protobuf";

/** Marks an event of a build that carries BuildKit's own status. */
export const BUILDKIT_TRACE = "moby.buildkit.trace";

/**
 * Reads the lines to show from one status of BuildKit: steps that begin, what they print, and what goes wrong
 * (moby/buildkit, api/services/control/control.proto). dockerode's own decoder prints the logs in base64.
 */
export function traceLines(trace: Uint8Array): string[] {
  const lines: string[] = [];
  const status = new protobuf.BinaryReader(trace);
  while (status.nextField()) {
    if (status.getFieldNumber() === 1) lines.push(...stepLines(status.readBytes()));
    else if (status.getFieldNumber() === 3) lines.push(...logLines(status.readBytes()));
    else status.skipField();
  }
  return lines;
}

function stepLines(vertex: Uint8Array): string[] {
  const reader = new protobuf.BinaryReader(vertex);
  const step = { name: "", error: "", started: false, completed: false };
  while (reader.nextField()) {
    const field = reader.getFieldNumber();
    if (field === 3) step.name = reader.readString();
    else if (field === 7) step.error = reader.readString();
    else reader.skipField();
    if (field === 5) step.started = true;
    if (field === 6) step.completed = true;
  }
  if (step.error !== "") return [`ERROR: ${step.error}`];
  return step.started && !step.completed ? [step.name] : [];
}

function logLines(log: Uint8Array): string[] {
  const reader = new protobuf.BinaryReader(log);
  let message = "";
  while (reader.nextField()) {
    if (reader.getFieldNumber() === 4) message = Buffer.from(reader.readBytes()).toString();
    else reader.skipField();
  }
  return message.split("\n");
}
