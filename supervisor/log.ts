/** One line of the supervisor's log. */
export interface LogEntry {
  /** What the supervisor does, or what has come of it. */
  action:
    | "start"
    | "restart"
    | "restarted"
    | "recovered"
    | "wait"
    | "run"
    | "ended"
    | "skip"
    | "missed"
    | "time-out"
    | "failed";
  environment?: string;
  /** Service, for what heals. */
  service?: string;
  /** Job, for what is scheduled. */
  job?: string;
  container?: string;
  why?: string;
  /** How long it took. */
  seconds?: number;
  exitCode?: number;
  /** Which restart in a row it is. */
  attempt?: number;
}

/** Takes what the supervisor does. */
export type Log = (entry: LogEntry) => void;

/** Writes each entry as a line of JSON with its time, which `docker logs` shows. */
export const logToStdout: Log = (entry) => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
};
