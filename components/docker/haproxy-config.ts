import type { PortRange } from "../spec/index.ts";
import { ACCESS_LOG_FORMAT } from "./access-log.ts";
import { registryHostRules, registrySections } from "./haproxy-registry.ts";

/** What the platform may set in the proxy's base configuration. */
export interface ProxyConfig {
  /** Port under which the host publishes HTTPS; redirects name it unless it is 443. 1-65535. */
  httpsPort: number;
  /** Ports for environments that have one of their own. @default none */
  environmentPorts?: PortRange | undefined;
  /** Thumbprint of the account for ACME (RFC 7638); undefined where no certificate is ordered. */
  acmeThumbprint?: string | undefined;
  /** The registry behind the proxy; undefined for none. */
  registry?: {
    /** Host of the frontend `https` that leads to it, beside its own port on loopback. @default none */
    host?: string;
  };
}

/**
 * The text of `/etc/slipway/haproxy.cfg`: everything but the services, which the provider adds as fragments beside it.
 * Holds to what both HAProxy 2.6 and 3.2 understand.
 */
export function haproxyBaseConfig({ httpsPort, environmentPorts, acmeThumbprint, registry }: ProxyConfig): string {
  const port = httpsPort === 443 ? "" : `:${String(httpsPort)}`;
  return `global
  master-worker
  mworker-max-reloads 20
  # An old worker ends after this time even when a websocket is still open in it.
  hard-stop-after 1h
  # Half as many connections: of idle ones, which take 17 kB each, so many fit into the container's memory.
  fd-hard-limit 20000
  # All headers of a request together have at most bufsize - maxrewrite = 15 KiB, in at most 101 lines; more gets 400.
  tune.bufsize 16384
  tune.maxrewrite 1024
  tune.http.maxhdr 101
  # A line of the access log is longer than syslog's 1024 when a client wants it so.
  log stdout len 8192 format raw local0 info
  stats socket ipv4@127.0.0.1:9999 level admin expose-fd listeners
  # Mozilla guidelines, intermediate.
  ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
  ssl-default-bind-ciphers ${INTERMEDIATE_CIPHERS}
  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256

defaults
  mode http
  log global
  log-format ${ACCESS_LOG_FORMAT}
  option dontlognull
  # A reload tells keep-alive clients to reconnect with their next answer instead of cutting them off.
  option idle-close-on-response
  option redispatch 1
  retries 3
  # A container that has died does not refuse connections, its address is silent. Then another replica is asked, or the
  # same one three times more.
  timeout connect 800ms
  timeout check 3s
  timeout queue 10s
  # A client that sends its headers slower than this gets 408, and its place goes to others.
  timeout http-request 10s
  # Who closes an idle connection may cut off a request that is on its way, and a POST is not sent once more. So it is left
  # to clients: Go closes after 90 s, Firefox after 115 s, curl after 118 s, Apache's client for Java after 180 s. Networks
  # forget a connection after 240 s and more.
  timeout http-keep-alive 200s
  # A client that sends or reads nothing of a body for so long is left. HAProxy 2.6 takes the shorter of both for idle ones.
  timeout client 200s
  timeout client-fin 10s
  timeout server 60s
  timeout server-fin 10s
  timeout tunnel 1h
  # A service's own rhythm stands in its fragment. A new container may get the address of one that is gone while a slot
  # still remembers it, hence allow-dup-ip. Half of the connections that are more than what was needed lately are closed at
  # each purge: by default, every 5 s, that is later than programs close them, which would cut off a POST on its way.
  default-server pool-purge-delay 250ms inter 500ms fastinter 200ms downinter 200ms rise 1 fall 3 resolvers docker resolve-prefer ipv4 resolve-opts allow-dup-ip init-addr libc,none

resolvers docker
  nameserver engine 127.0.0.11:53
  accepted_payload_size 8192
  resolve_retries 3
  timeout resolve 500ms
  timeout retry 500ms
  hold valid 1s
  # A restarting container keeps its address for a while; the checks decide whether it serves.
  hold nx 10s
  hold other 30s
  hold refused 30s
  hold timeout 30s
  hold obsolete 0s

# HAProxy's own page and, at /metrics, its figures for Prometheus. Nothing can be changed here.
frontend status
  bind :8404
  acl known req.fhdr(authorization),sha2(256),hex,lower -m str -f /etc/slipway/status.sha256
  http-request return status 401 content-type text/plain string "sign in" hdr WWW-Authenticate 'Basic realm="slipway"' unless known
  http-request set-log-level silent
  http-request use-service prometheus-exporter if { path /metrics }
  stats enable
  stats uri /
  stats refresh 10s
  stats show-legends

frontend http
  bind :8080
${acmeThumbprint === undefined ? "" : answerChallenges(acmeThumbprint)}${route("  ")}
  http-request return status 404 content-type text/plain string "no such site" unless { var(txn.backend) -m found }
  http-request redirect code 308 location https://%[var(txn.host)]${port}%[pathq]

frontend https
  bind :8443 ${TLS}
  bind 127.0.0.1:9995 accept-proxy
${environmentPorts ? `  bind :${environmentPorts.first}-${environmentPorts.last} ${TLS}\n` : ""}  # What is compressed already stays so, and an event stream is not held up.
  compression algo gzip
  compression type ${COMPRESSED_TYPES.join(" ")}
  http-request set-var(txn.id) uuid()
  http-request set-var(txn.id) req.hdr(x-request-id) if { req.hdr(x-request-id) -m reg ^[A-Za-z0-9-]{8,64}$ }
  http-after-response set-header Strict-Transport-Security max-age=63072000
  http-after-response set-header X-Request-Id %[var(txn.id)]
  ${KEEP_ALIVE}
${route("  ", environmentPorts)}
${registry?.host === undefined ? "" : registryHostRules(registry.host)}  ${handOn("https")}
  http-request return status 404 content-type text/plain string "no such site" unless { var(txn.backend) -m found }
  # What clients claim about themselves is not passed on.
  http-request set-header X-Request-Id %[var(txn.id)]
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port ${String(httpsPort)}
${environmentPorts ? `  http-request set-header X-Forwarded-Port %[dst_port] if { dst_port ${rangeOf(environmentPorts)} }\n` : ""}  http-request del-header Forwarded
  use_backend %[var(txn.backend)]

# What the containers of an environment ask of each other; the port tells which service is meant, and the service's
# backend refuses whoever comes from another environment's network.
frontend internal
  bind :20000-20255
  bind 127.0.0.1:9996 accept-proxy
  ${KEEP_ALIVE}
  http-request set-var(txn.id) req.hdr(x-request-id)
  http-request set-var(txn.host) req.hdr(host),lower
  http-request set-var(txn.path) path
  http-request set-var(txn.backend) req.hdr(host),lower,concat(/),map_str(/etc/slipway/hosts.map)
  ${handOn("internal")}
  http-request return status 404 content-type text/plain string "no such service" unless { var(txn.backend) -m found }
  use_backend %[var(txn.backend)]

# What comes on a connection that was open when the proxy was reloaded goes on to the worker that knows what runs now: the
# backends of older ones can be changed no more.
backend current-https
  http-reuse never
  server worker 127.0.0.1:9995 send-proxy-v2

backend current-internal
  http-reuse never
  server worker 127.0.0.1:9996 send-proxy-v2

# How a release asks a container that does not serve yet; its answers are marked, those of HAProxy itself are not.
frontend probe
  bind 127.0.0.1:9997
  http-request set-log-level silent
  http-request set-dst req.hdr_ip(x-slipway-address)
  http-request set-dst-port req.hdr_val(x-slipway-port)
  http-request del-header X-Slipway- -m beg
  http-response set-header X-Slipway-Answered yes
  default_backend gate

backend gate
  retries 0
  http-reuse never
  timeout connect 1s
  server target 0.0.0.0:0
${registry === undefined ? "" : registrySections()}`;
}

/** The answer to a challenge is its token and the account's thumbprint (RFC 8555, 8.3), whoever has asked for it. */
function answerChallenges(thumbprint: string): string {
  const asked = "{ path_reg ^/[.]well-known/acme-challenge/[A-Za-z0-9_-]+$ }";
  return `  http-request return status 200 content-type text/plain lf-string "%[path,field(-1,/)].${thumbprint}" if ${asked}\n`;
}
const TLS = "ssl crt /etc/slipway/certs/ alpn h2,http/1.1";

/** What a program says of its connection to the proxy is not true of the client's. Many clients close before that time. */
const KEEP_ALIVE = "http-after-response set-header Keep-Alive timeout=180";

/** In an older worker, chooses the current one in place of a service. */
function handOn(frontend: "https" | "internal"): string {
  return `http-request set-var(txn.backend) str(current-${frontend}) if { stopping }`;
}

const COMPRESSED_TYPES = [
  ...["html", "plain", "css", "csv", "markdown", "javascript", "xml"].map((type) => `text/${type}`),
  ...["json", "javascript", "xml", "ld+json", "manifest+json", "rss+xml", "atom+xml", "wasm"].map(
    (type) => `application/${type}`,
  ),
  "image/svg+xml",
];

const INTERMEDIATE_CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** Finds the backend by the longest `host/path/` of the map; the added slash keeps `/apix` from matching `/api`. */
function route(indent: string, ports?: PortRange): string {
  return [
    "http-request set-var(txn.host) req.hdr(host),field(1,:),lower",
    // An environment with a port of its own has no host of its own: both together are it.
    ...(ports
      ? [
          "http-request set-var(txn.port) dst_port",
          `http-request set-var(txn.host) var(txn.host),concat(:,txn.port) if { dst_port ${rangeOf(ports)} }`,
        ]
      : []),
    "http-request set-var(txn.path) path",
    "http-request set-var(txn.agent) req.fhdr(user-agent)",
    "http-request set-var(txn.backend) var(txn.host),concat(,txn.path,/),map_beg(/etc/slipway/hosts.map)",
  ]
    .map((line) => indent + line)
    .join("\n");
}

function rangeOf({ first, last }: PortRange): string {
  return `${first}:${last}`;
}
