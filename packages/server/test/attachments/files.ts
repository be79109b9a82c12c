/** Small files of several kinds. */
import { type Caller, ok } from '@tract/testing/call'

/** 3 × 2 pixels. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAEklEQVR42mP8z8BQzwAEjDAGACcSAgWf0mKUAAAAAElFTkSuQmCC',
  'base64',
)

/** The answer to an upload that has to succeed. */
export const uploaded = (by: Caller, content: Buffer | string, name = 'file.txt') =>
  ok(by.upload(new Blob([content]), name))

/** The head of a PNG that says it has as many pixels, and nothing of them. */
export function BOMB(width: number, height: number): Buffer {
  const head = Buffer.from(PNG.subarray(0, 33))
  head.writeUInt32BE(width, 16)
  head.writeUInt32BE(height, 20)
  return head
}
