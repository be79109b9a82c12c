/** Other HTTP clients, each on connections that are kept. */
import { Agent } from 'node:http'
import { createClient, createConfig } from '@hey-api/client-fetch'
import axios from 'axios'
import got from 'got'
import ky from 'ky'
import { callWith, headers, MESSAGE, PATH } from '../processes/call-clients.mjs'

const agentOf = (concurrency) => new Agent({ keepAlive: true, maxSockets: concurrency })

callWith({
  fetch:
    async ({ url }) =>
    async () => {
      const call = { method: 'POST', headers: headers(), body: JSON.stringify(MESSAGE) }
      return (await fetch(url + PATH, call)).json()
    },
  axios: async ({ url, concurrency }) => {
    const client = axios.create({ baseURL: url, httpAgent: agentOf(concurrency), proxy: false })
    return async () => (await client.post(PATH, MESSAGE, { headers: headers() })).data
  },
  ky:
    async ({ url }) =>
    () =>
      ky.post(url + PATH, { json: MESSAGE, headers: headers() }).json(),
  got: async ({ url, concurrency }) => {
    const agent = { http: agentOf(concurrency) }
    return () => got.post(url + PATH, { json: MESSAGE, agent, headers: headers() }).json()
  },
  'hey-api': async ({ url }) => {
    const client = createClient(createConfig({ baseUrl: url }))
    return async () => (await client.post({ url: PATH, body: MESSAGE, headers: headers() })).data
  },
})
