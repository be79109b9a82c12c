/** A receiver that answers in the form of answer-forms.mjs whose number is the path. */
import { createServer } from 'node:net'
import { answer } from './answer.mjs'
import { FORMS } from './answer-forms.mjs'

const names = Object.keys(FORMS)
const DRIP_MS = 1

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    const [, index] = /^POST \/(\d+) /.exec(chunk.latin1Slice(0, 20)) ?? []
    if (index !== undefined) respond(socket, FORMS[names[index]])
  })
})

function respond(socket, { first, more, drips }) {
  socket.write(first)
  if (more === undefined) return
  const chunk = Buffer.from(drips ? more : more.repeat(Math.ceil(65_536 / more.length)))
  const go = () => {
    if (drips) socket.destroyed || socket.write(chunk, () => setTimeout(go, DRIP_MS))
    else {
      while (!socket.destroyed && socket.write(chunk)) {}
      if (!socket.destroyed) socket.once('drain', go)
    }
  }
  go()
}

answer({
  listen: () => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port))),
  names: () => names,
})
