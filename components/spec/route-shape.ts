import { z } from "zod";
import type { RouteInput } from "./route-input.ts";
import { flag, integer, isRoute, must, routeText, settings } from "./rules.ts";
import { secretShape } from "./secret-shape.ts";

const address = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  must("be an address or a network, such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32"),
);

const userName = z.string().regex(/^[A-Za-z0-9._@-]{1,64}$/);

const access = {
  allow: z
    .array(address, must("be a list of addresses"))
    .min(1, must("hold at least one address", "without it every address is allowed"))
    .readonly()
    .optional(),
  users: z
    .record(userName, secretShape, {
      error: (issue) =>
        issue.code === "invalid_key"
          ? "must be named with 1 to 64 letters, digits and ._@-"
          : must("be an object of secrets by user name").error(issue),
    })
    .refine((users) => Object.keys(users).length > 0, must("name at least one user", "without it nobody is asked"))
    .optional(),
};

/** Shape of what every route of an environment takes that says nothing of its own. */
export const accessShape = settings("access", access);

/** Settings of a route that is written as an object. */
export const routeSettings = settings(
  "a route",
  {
    at: routeText(),
    maxBodyMb: integer(1, 1_048_576, "MiB").optional(),
    ...access,
    public: flag().default(false),
  },
  'be a host with or without a path, such as "website", "website/api", "@" or "www.example.org", or an object such as { at: "website/admin", maxBodyMb: 8 }',
);

/** Shape of a route: its text, or an object of settings. */
export const routeShape = z.preprocess(
  (route: string | RouteInput) => (typeof route === "string" && isRoute(route) ? { at: route } : route),
  routeSettings,
);
