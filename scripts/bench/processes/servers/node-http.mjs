/** node:http and nothing else: the body is parsed, the answer is written. */
import { createServer } from 'node:http'
import { ANYBODY, handle, listening, PATH, serve } from './operation.mjs'

serve(() =>
  listening(
    createServer((request, response) => {
      if (request.url !== PATH || request.method !== 'POST') return response.writeHead(404).end()
      const chunks = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', async () => {
        const text = JSON.stringify(await handle(JSON.parse(Buffer.concat(chunks)), ANYBODY))
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
          .end(text)
      })
    }),
  ),
)
