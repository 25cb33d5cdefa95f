const DIRECTORY = "/etc/slipway";

// HAProxy refuses all of its configuration for a fault in one file. The process that runs does not mind a fragment that
// someone has damaged; the next start would. In its place comes a comment, which the next release finds to be none of ours.
// A base configuration that is refused alone is HAProxy's own to complain of.
const SCRIPT = `cd ${DIRECTORY} || exit
accepts() { haproxy -c -f haproxy.cfg "$@" 2>&1; }
if ! accepts -f services >/dev/null && accepts >/dev/null; then
  set --
  for file in services/*.cfg; do
    if said=$(accepts "$@" -f "$file"); then set -- "$@" -f "$file"; continue; fi
    service=\${file#services/} service=\${service%.cfg}
    mkdir -p refused && mv -f "$file" refused/ && echo "# refused: $PWD/refused/$service.cfg" >"$file"
    echo "$service is left out: HAProxy refuses its configuration, which is in $PWD/refused/$service.cfg now." \\
      "pulumi up --refresh -s \${service%%.*} writes it anew." >&2
    echo "$said" | grep ALERT >&2
  done
fi
exec haproxy -W -S 127.0.0.1:9998 -f ${DIRECTORY}/haproxy.cfg -f ${DIRECTORY}/services`;

/**
 * How the proxy's container starts: HAProxy with all of its configuration; where that is refused, without the services
 * whose fragments are at fault, which it names in its log.
 */
export const PROXY_START = { entrypoint: ["sh", "-c"], command: [SCRIPT] };
