import type { HslText } from '@tract/contract'

/** Of a message that is nothing but words. */
export function plainWords(body: unknown): string | undefined {
  const { type, text, data } = body as Partial<HslText>
  return type === 'TEXT' && !data?.quick_replies?.length ? text : undefined
}
