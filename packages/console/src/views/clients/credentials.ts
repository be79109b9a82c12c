/** What `tract login --from` reads, as it reads the service's own `demo.json`: the address, and the client of a listener or of an operator. */
interface Credentials {
  client_id: string
  client_secret: string
}

export const credentialsFile = (
  listenerId: string | undefined,
  credentials: Credentials & { signing_secret?: string },
): string =>
  JSON.stringify(
    {
      url: location.origin,
      ...(listenerId === undefined ? { admin: credentials } : { listeners: { [listenerId]: credentials } }),
    },
    null,
    2,
  )
