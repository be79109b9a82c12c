import { Agent } from 'node:http'
import axios from 'axios'
import { headers, MESSAGE, PATH } from './call.mjs'
import { serve } from './serve.mjs'

serve(async ({ url, concurrency }) => {
  const client = axios.create({
    baseURL: url,
    httpAgent: new Agent({ keepAlive: true, maxSockets: concurrency }),
    proxy: false,
  })
  return async () => (await client.post(PATH, MESSAGE, { headers: headers() })).data
})
