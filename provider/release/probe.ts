import type { Runtime } from "../proxy/runtime.ts";
import { shell } from "../proxy/shell.ts";

/** What a container is asked, over the proxy. */
export interface Question {
  /** Path of a GET that 2xx and 3xx answer well; undefined when any connection is good enough. */
  path: string | undefined;
  host: string;
  timeoutSeconds: number;
}

/** What came of a question. */
export interface ProbeResult {
  passed: boolean;
  /** What was answered, for people. */
  answer: string;
}

/** Time after which a probe that has not passed returns, so that others can be looked after. */
const ROUND_SECONDS = 1;

// Asked through the proxy's frontend `gate`, so that a container passes when the proxy itself can get its answer, and at
// once: the proxy's own checks of a server that is not in use come as seldom as those of one that is.
const PROBE = `ask() {
  printf 'GET %s HTTP/1.1\\r\\nHost: %s\\r\\nX-Slipway-Address: %s\\r\\nX-Slipway-Port: %s\\r\\nUser-Agent: slipway\\r\\nConnection: close\\r\\n\\r\\n' \
    "$path" "$host" "\${1%:*}" "\${1##*:}" | nc -w "$timeout" 127.0.0.1 9997 2>/dev/null |
    sed -n 's/^HTTP[^ ]* \\([0-9]*\\).*/\\1/p; s/^[Xx]-[Ss]lipway-[Aa]nswered.*/answered/p; /^\\r*$/q' | tr '\\n' ' '
}
mode=$1 path=$2 host=$3 timeout=$4 end=$(($(date +%s) + $5)); shift 5
for target; do
  while :; do
    answer=$(ask "$target")
    case "$mode $answer" in
      "path "[23]??" answered "|"connection "???" answered "|"connection 502 "|"connection 504 ") break ;;
    esac
    [ "$(date +%s)" -lt "$end" ] || break
    sleep 0.05
  done
  printf '%s\\036' "$answer"
done`;

/**
 * Asks containers one after the other until they answer well, or about a second is over.
 *
 * @param targets each `address:port`.
 * @returns what each answered last, in the order of the targets.
 */
export async function probe(
  { proxy }: Runtime,
  { path, host, timeoutSeconds }: Question,
  targets: readonly string[],
): Promise<ProbeResult[]> {
  const mode = path === undefined ? "connection" : "path";
  const settings = [mode, path ?? "/", host, String(timeoutSeconds), String(ROUND_SECONDS)];
  const answers = (await shell(proxy, PROBE, ...settings, ...targets)).split("\x1e").slice(0, -1);
  return answers.map((answer, index) => judge(answer, path, targets[index] ?? "", timeoutSeconds));
}

/** Reads what the probe printed: a status, and whether it is the container's own. */
export function judge(printed: string, path: string | undefined, target: string, timeoutSeconds: number): ProbeResult {
  const [status = "", own] = printed.trim().split(" ");
  const what = path === undefined ? "a connection" : `GET ${path}`;
  if (status === "") return { passed: false, answer: `no answer to ${what} within ${timeoutSeconds} s` };
  if (own === undefined && status === "503")
    return { passed: false, answer: `nothing accepts connections on ${target}` };
  if (path === undefined) return { passed: true, answer: "accepts connections" };
  if (own === undefined) return { passed: false, answer: `no HTTP answer to ${what} from ${target}` };
  return { passed: /^[23]/.test(status), answer: `${what} answered ${status}` };
}
