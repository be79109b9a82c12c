/** A bucket, as `TRACT_ATTACHMENTS` names it. */
export interface BucketSetting {
  endpoint: string
  bucket: string
  prefix: string
  region: string
}

/** @returns null: it is a folder @throws a sentence that says what is wrong */
export function parseBucket(text: string): BucketSetting | null {
  if (!/^([a-z][\w+.-]+:\/\/|s3:)/i.test(text)) return null
  const url = URL.canParse(text) ? new URL(text) : null
  const { hostname = '', pathname = '', searchParams = new URLSearchParams() } = url ?? {}
  const region = searchParams.get('region') ?? 'us-east-1'
  const endpoint = searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`
  const unknown = [...searchParams.keys()].find((name) => name !== 'region' && name !== 'endpoint')
  if (url?.protocol !== 's3:' || hostname === '')
    throw new Error('must be a folder, or s3://bucket/prefix?endpoint=https://…&region=…')
  if (url.username || url.password)
    throw new Error('must hold no keys: they are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  if (unknown !== undefined) throw new Error(`has ${unknown}, and knows only endpoint and region`)
  if (!/^https?:\/\/[^/?#]+\/?$/.test(endpoint))
    throw new Error(`has the endpoint ${endpoint}, which is no http(s) address`)
  const prefix = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '')
  return { endpoint: endpoint.replace(/\/$/, ''), bucket: hostname, prefix, region }
}
