/** Ports of the proxy that only containers of its environments reach; components/docker/haproxy-config.ts binds them. */
export const INTERNAL_PORTS = { first: 20_000, last: 20_255 };
