import net from 'node:net'

/**
 * From now on, connections to receivers come from this address. The HTTP client looks `net.connect`
 * up at each call; the driver of the database does not use it.
 */
export function callFrom(address: string): void {
  const connect = net.connect as (...args: unknown[]) => net.Socket
  net.connect = ((options: unknown, ...rest: unknown[]) =>
    typeof options === 'object'
      ? connect({ localAddress: address, ...withoutUndefined(options as object) }, ...rest)
      : connect(options, ...rest)) as typeof net.connect
}

const withoutUndefined = (options: object) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null))
