/** Name under which the proxy finds the registry; no environment's network can have it, as their names have no dots. */
export const REGISTRY_ALIAS = "registry.platform.slipway.internal";

/** The registry's user that may push and pull, and the one that may pull alone. */
export const REGISTRY_USERS = { push: "slipway", pull: "slipway-pull" } as const;

/** The frontend `registry` and the backends behind it: TLS, who may do what, and the words of every refusal. */
export function registrySections(): string {
  return `
# The registry on the engine's loopback address. Without Strict-Transport-Security, which counts for every port of
# localhost; without HTTP/2, whose windows slow uploads down.
frontend registry
  bind :5000 ssl crt /etc/slipway/certs/00-default.pem alpn http/1.1
  use_backend registry if { method GET HEAD }
  default_backend registry-writes

backend registry
${signIn}
  http-error status 503 content-type application/json string '${errorBody("UNAVAILABLE", "the registry does not answer")}'
  server registry ${REGISTRY_ALIAS}:5000 check inter 1s

backend registry-writes
${signIn}
  http-request return status 403 ${json("DENIED", `the user ${REGISTRY_USERS.pull} may only pull`)} unless pusher
  # Garbage collection writes here until when, so that one that was killed refuses nothing for long. Engines ask again.
  http-request set-var(txn.now) date()
  http-request return status 503 ${json("UNAVAILABLE", "garbage is collected, try again in a minute")} hdr Retry-After 10 if { str(refused-until),map_str_int(/etc/slipway/registry.map,0),sub(txn.now) -m int gt 0 }
  # Engines tell no more of a 5xx than its number, and try again for a minute.
  http-response return status 403 ${json("DENIED", STORAGE_FAULT)} if { status 500 }
  # What is stored elsewhere is copied after the last byte has come.
  timeout server 15m
  server registry ${REGISTRY_ALIAS}:5000 track registry/registry
`;
}

/** Leads a host of the frontend `https` to the registry. */
export function registryHostRules(host: string): string {
  return `  acl of_registry var(txn.host) -m str ${host}
  http-request set-var(txn.backend) str(registry-writes) if of_registry
  http-request set-var(txn.backend) str(registry) if of_registry { method GET HEAD }
`;
}

const STORAGE_FAULT =
  "the registry cannot store it: its disk is full or read-only, or its bucket out of reach, as docker logs of its container tells; npm run gc frees space";

const signIn = `  acl pusher req.fhdr(authorization),sha2(256),hex,lower -m str -f /etc/slipway/registry-push.sha256
  acl puller req.fhdr(authorization),sha2(256),hex,lower -m str -f /etc/slipway/registry-pull.sha256
  http-request return status 401 ${json("UNAUTHORIZED", "wrong user or password for the registry")} hdr WWW-Authenticate 'Basic realm="slipway"' hdr Docker-Distribution-Api-Version registry/2.0 if !pusher !puller
  http-request set-header X-Forwarded-Proto https`;

function json(code: string, message: string): string {
  return `content-type application/json string '${errorBody(code, message)}'`;
}

/** The form in which registries tell errors (OCI distribution specification 1.1, "Error Codes"). */
function errorBody(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}
