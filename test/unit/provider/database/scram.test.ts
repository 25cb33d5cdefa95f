import { expect, it } from "vitest";
import { nativeHash, scramVerifier } from "../../../../provider/database/scram.ts";

it("spells a password as PostgreSQL keeps it, the same each time", () => {
  const verifier = scramVerifier("api", "correct horse battery staple");

  expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/);
  expect(scramVerifier("api", "correct horse battery staple")).toBe(verifier);
  expect(scramVerifier("web", "correct horse battery staple")).not.toBe(verifier);
});

it("spells a password as MariaDB keeps it", () => {
  // SELECT PASSWORD('password')
  expect(nativeHash("password")).toBe("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
});
