import { parseMessageBody } from '../../src/hsl/message-body.js'

export const parseJson = (value: unknown) => parseMessageBody(JSON.stringify(value), 'WhatsApp')
export const errors = (body: string) => {
  const parsed = parseMessageBody(body)
  return 'error' in parsed ? parsed.error : []
}
