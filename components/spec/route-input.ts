import type { Secret } from "./secret.ts";

/** Who may come in, as a stack file writes it. Of both settings, a request has to fulfil each that is there. */
export interface AccessInput {
  /**
   * Addresses of clients, IPv4 or IPv6, single ones or networks as in `"10.0.0.0/8"`; everyone else gets 403.
   * @default - every address
   */
  allow?: readonly string[];
  /**
   * Passwords by user name, 1 to 64 letters, digits and `._@-`; who has none gets 401 (HTTP basic authentication). Let
   * passwords be long: the proxy keeps a plain SHA-256 of each. @default - nobody is asked
   */
  users?: Readonly<Record<string, Secret>>;
}

/** A route with settings of its own, as a stack file writes it. The most specific route that matches a request decides. */
export interface RouteInput extends AccessInput {
  /** Where requests come in, as a route that is written as text: `"website/admin"`. */
  at: string;
  /**
   * Largest body of a request, in MiB: more gets 413, a body of unknown length 411. Integer, 1 to 1048576.
   * @default - no limit
   */
  maxBodyMb?: number;
  /** True lets everyone in, whatever the environment's `access` says. @default false */
  public?: boolean;
}
