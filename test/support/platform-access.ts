import type { PlatformAccess } from "../../components/platform-access.ts";

/** A platform for tests of what an environment registers: signs with nothing, and takes images at the usual port. */
export const PLATFORM: PlatformAccess = {
  authority: { certificate: "", privateKey: "" },
  ports: { http: 8080, https: 8443 },
  registry: { address: "127.0.0.1:5000", username: "", password: "", pull: { username: "", password: "" } },
  supervisor: true,
};
