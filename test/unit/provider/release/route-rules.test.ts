import { describe, expect, it } from "vitest";
import { renderRules } from "../../../../provider/release/route-rules.ts";

const hash = "a".repeat(64);

describe("the rules of a backend", () => {
  it("are none where everything may come in", () => {
    expect(renderRules("dev.web", [])).toEqual([]);
    expect(renderRules("dev.web", [{ at: "web.test" }])).toEqual([]);
  });

  it("ask for no path where they are the same on every host", () => {
    const rule = {
      allow: ["10.0.0.0/8", "2001:db8::/32"],
      users: { alice: [hash, "c".repeat(64)], bob: ["b".repeat(64)] },
      maxBodyMb: 2,
    };
    const rules = ["web.test", "web.test/shop"].map((at) => ({ at, ...rule }));
    const refuse = 'http-request return status 411 content-type text/plain string "length required"';
    const unmeasured = "!{ req.hdr(content-length) -m found } !{ req.hdr(upgrade) -m found }";
    const header = "req.fhdr(authorization),sha2(256),hex,lower";
    expect(renderRules("dev.web", rules)).toEqual([
      "acl internal fe_name internal",
      "http-request set-var(txn.rule) str(1) if !internal",
      "http-request deny deny_status 403 if { var(txn.rule) -m str 1 } !{ src 10.0.0.0/8 2001:db8::/32 }",
      `http-request return status 401 content-type text/plain string "sign in" hdr WWW-Authenticate 'Basic realm="dev.web", charset="UTF-8"' if { var(txn.rule) -m str 1 } !{ ${header} -m str ${hash} ${"c".repeat(64)} ${"b".repeat(64)} }`,
      "http-request set-var(txn.user) http_auth_user if { var(txn.rule) -m str 1 }",
      "http-request del-header Authorization if { var(txn.rule) -m str 1 }",
      `${refuse} if { var(txn.rule) -m str 1 } { req.hdr(transfer-encoding) -m found }`,
      `http-request wait-for-body time 10s at-least 1 if { var(txn.rule) -m str 1 } ${unmeasured}`,
      `${refuse} if { var(txn.rule) -m str 1 } ${unmeasured} { req.body_len gt 0 }`,
      "http-request deny deny_status 413 if { var(txn.rule) -m str 1 } { req.fhdr(content-length),add(0) gt 2097152 }",
      "http-request deny deny_status 413 if { var(txn.rule) -m str 1 } { req.fhdr(content-length) -m len 16: }",
    ]);
  });

  it("are chosen by the longest host that matches, whatever the order", () => {
    const rules = [{ at: "web.test/Admin", maxBodyMb: 1 }, { at: "web.test" }, { at: "a.test", maxBodyMb: 1 }];
    expect(renderRules("dev.web", rules).filter((line) => line.includes("-m beg"))).toEqual([
      "http-request set-var(txn.rule) str(1) if !internal { var(txn.written) -m beg a.test/ }",
      "http-request set-var(txn.rule) str(0) if !internal { var(txn.written) -m beg web.test/ }",
      "http-request set-var(txn.rule) str(1) if !internal { var(txn.written) -m beg web.test/Admin/ }",
      "http-request set-var(txn.rule_read) str(1) if !internal { var(txn.read) -m beg a.test/ }",
      "http-request set-var(txn.rule_read) str(0) if !internal { var(txn.read) -m beg web.test/ }",
      "http-request set-var(txn.rule_read) str(1) if !internal { var(txn.read) -m beg web.test/admin/ }",
    ]);
  });
});
