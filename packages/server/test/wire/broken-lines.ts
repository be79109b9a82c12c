/** JSON as it was on the wire, with line breaks and indentation put in and nothing else changed: keys, numbers and spaces stay as they came. */

/** What is shorter stays on one line, in characters. */
const WIDTH = 240
const TOKEN = /"(?:[^"\\]|\\.)*"|[^"]/g

interface Open {
  depth: number
  /** Whether what it holds stands on lines of its own. */
  isBroken: boolean
}

/** @throws {Error} for a text whose own breaks could not be told from these */
export function brokenLines(json: string): string {
  const tokens = (json.match(TOKEN) ?? []) as string[]
  const open: Open[] = []
  let out = ''
  tokens.forEach((token, at) => {
    const inner = open.at(-1)
    if (/^[}\]]$/.test(token)) {
      open.pop()
      if (inner?.isBroken) out += line(inner.depth - 1)
    }
    out += token
    if (/^[{[]$/.test(token)) {
      const isBroken = lengthOf(tokens, at) > WIDTH
      open.push({ depth: open.length + 1, isBroken })
      if (isBroken) out += line(open.length)
    } else if (token === ',' && inner?.isBroken) out += line(inner.depth)
  })
  if (out.replaceAll(/\n */g, '') !== json) throw new Error(`there are line breaks in ${json}`)
  return out
}

const line = (depth: number) => `\n${'  '.repeat(depth)}`

/** Of an object or a list that begins here. */
function lengthOf(tokens: readonly string[], from: number): number {
  let depth = 0
  let length = 0
  for (const token of tokens.slice(from)) {
    length += token.length
    if (/^[{[]$/.test(token)) depth++
    if (/^[}\]]$/.test(token) && --depth === 0) break
  }
  return length
}
