/**
 * Reads HTTP/1.1 messages with a Content-Length from a connection. The load generator and the
 * receiver share the cores with the service, so they read no more of HTTP than they need.
 */

const END_OF_HEAD = Buffer.from('\r\n\r\n')

/**
 * @param {(head: string, body: Buffer) => void} onMessage head: the first line and the headers
 * @returns {(chunk: Buffer) => void}
 */
export function httpReader(onMessage) {
  let rest = null
  return (chunk) => {
    let data = rest === null ? chunk : Buffer.concat([rest, chunk])
    rest = null
    while (data.length > 0) {
      const headEnd = data.indexOf(END_OF_HEAD)
      if (headEnd < 0) break
      const head = data.latin1Slice(0, headEnd)
      const end = headEnd + 4 + contentLength(head)
      if (data.length < end) break
      const body = data.subarray(headEnd + 4, end)
      data = data.subarray(end)
      onMessage(head, body)
    }
    if (data.length > 0) rest = data
  }
}

function contentLength(head) {
  const found = /content-length: *(\d+)/i.exec(head)
  if (found) return Number(found[1])
  if (/transfer-encoding/i.test(head)) throw new Error(`a chunked message cannot be read here:\n${head}`)
  return 0
}
