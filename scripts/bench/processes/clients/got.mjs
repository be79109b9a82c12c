import { Agent } from 'node:http'
import got from 'got'
import { headers, MESSAGE, PATH } from './call.mjs'
import { serve } from './serve.mjs'

serve(async ({ url, concurrency }) => {
  const agent = { http: new Agent({ keepAlive: true, maxSockets: concurrency }) }
  return () => got.post(url + PATH, { json: MESSAGE, agent, headers: headers() }).json()
})
