import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";

/**
 * The SHA-256, in lower-case hex, of the `Authorization` header that a user signs in with (RFC 7617). The proxy compares
 * it with that of each request: its own password hashes cost it milliseconds each, and differ from one libc to the next.
 * Secret.
 */
export function authorizationHash(user: string, password: pulumi.Input<string>): pulumi.Output<string> {
  const hash = pulumi.output(password).apply((plain) => {
    const credentials = Buffer.from(`${user}:${plain}`).toString("base64");
    return createHash("sha256").update(`Basic ${credentials}`).digest("hex");
  });
  return pulumi.secret(hash);
}
