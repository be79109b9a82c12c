/**
 * How the API stops. What a caller notices depends on whether another process listens at the same port:
 *
 *   leaving  only where the port is shared: new connections go to the other process; calls on those that are there are
 *            still carried out, and each answer closes its connection
 *   closing  calls that have begun end; new ones are refused with 503, and connections that no call needs are closed
 */
import { type Server, type Socket, Server as TcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Services } from './services.js'

/** Milliseconds between two searches for idle connections while the app closes: a stop waits for one at most. */
const SWEEP_MS = 50
/** Milliseconds after which a new connection without a request is closed at the end: a request would have come by then. */
const SILENT_MS = 500
/** Milliseconds for the callers of a shared port to make their next call, and to learn by its answer to connect again. */
const LEAVING_MS = 1_000

export interface Closing {
  /** Answers close their connections. */
  isLeaving: boolean
  /** Calls are refused as well. */
  isClosing: boolean
}

export function closeInOrder(app: FastifyInstance, { hookStreams, changes, exports, config }: Services): Closing {
  const closing: Closing = { isLeaving: false, isClosing: false }
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  app.addHook('preClose', async () => {
    closing.isLeaving = true
    if (config.sharePort) await leave(app.server, sockets)
    closing.isClosing = true
    hookStreams.release()
    changes.release()
    exports.release()
    // A caller keeps the connection of a call that is answered only now for more than a minute.
    const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS).unref()
    // Node does not count a connection without any request as idle, and would wait for it as long.
    const silent = setTimeout(() => {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    }, SILENT_MS).unref()
    app.server.once('close', () => {
      clearInterval(sweep)
      clearTimeout(silent)
    })
  })
  return closing
}

/** Takes no new connections, and waits until there are none or their callers have had their time. */
async function leave(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return
  // that of an HTTP server would also close idle connections, on which a call may be on its way
  TcpServer.prototype.close.call(server)
  for (let waited = 0; sockets.size > 0 && waited < LEAVING_MS; waited += SWEEP_MS) await sleep(SWEEP_MS)
}
