/** Texts that take several messages: how they are cut, and how they change. */
import { expect, test } from '@jest/globals'
import { parseMessageBody } from '@tract/contract'
import { splitText, type TextPart, writeParts } from '../../src/desk/index.js'
import { text } from '../../src/index.node.js'

const TEXTS = {
  'of words': 'Your bill of May is wrong.\nIt says twice what it should. '.repeat(3_000),
  'without spaces': 'x'.repeat(200_000),
  'in Hindi': 'आपका बिल गलत है। '.repeat(8_000),
  'of what JSON escapes': '"\\\n\u0007\t'.repeat(30_000),
  'of half characters': '\ud83d\udc69\u200d\ud83d\udc67 '.repeat(10_000),
  'that looks like an element': JSON.stringify({ type: 'TEXT', text: 'y'.repeat(100_000) }),
  'with spaces at its ends': `${' '.repeat(70_000)}word${' '.repeat(70_000)}`,
}

test.each(Object.entries(TEXTS))(
  'a text %s is cut into parts that TRACT takes, and that are the text again',
  (_, words) => {
    const parts = splitText(words)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.join('') === words).toBe(true)
    for (const part of parts)
      expect(new TextEncoder().encode(JSON.stringify(text(part))).length).toBeLessThanOrEqual(65_536)
    const taken = parts.map((part) => parseMessageBody(text(part)))
    if (!words.includes('\u0007')) expect(taken.filter((body) => 'error' in body)).toEqual([])
  },
)

test('the longest part that TRACT takes is one part, and a character more makes two', () => {
  const most = 65_536 - 53
  expect(splitText('x'.repeat(most)).map(({ length }) => length)).toEqual([most])
  expect(splitText('x'.repeat(most + 1)).map(({ length }) => length)).toEqual([most, 1])
  expect(splitText('')).toEqual([])
})

test('a cut is at the end of a line, else of a word, else of a character as a person sees it', () => {
  expect(splitText('one two\nthree four five', { characters: 12 })).toEqual(['one two\n', 'three four ', 'five'])
  expect(splitText('a b\ncdefgh', { characters: 9 })).toEqual(['a b\ncdefg', 'h']) // not so early
  const family = '👩‍👧'
  expect(splitText(family.repeat(3), { characters: 4 })).toEqual([family, family, family])
  expect(splitText('नमस्ते', { bytes: 12 }).join('|')).toBe('नम|स्ते')
  expect(splitText(family, { characters: 2 }).join('')).toBe(family) // smaller than what a person sees
  expect(splitText('👩👩', { bytes: 4 })).toEqual(['👩', '👩'])
})

test('a limit into which no character fits is an error', () => {
  for (const limit of [{ characters: 0 }, { bytes: 3 }, { characters: Number.NaN }])
    expect(() => splitText('x', limit)).toThrow(RangeError)
})

class Room {
  readonly messages: TextPart<number>[] = []
  readonly calls: string[] = []
  add = async (said: string, index: number) => {
    this.calls.push(`add ${index}`)
    const known = this.messages.find(({ id }) => id === index)
    if (!known) this.messages.push({ id: index, text: said })
    return index
  }
  edit = async ({ id }: TextPart<number>, said: string, index: number) => {
    this.calls.push(`edit ${index}`)
    Object.assign(this.messages.find((one) => one.id === id) ?? {}, { text: said })
  }
  remove = async ({ id }: TextPart<number>, index: number) => {
    this.calls.push(`remove ${index}`)
    const at = this.messages.findIndex((one) => one.id === id)
    if (at >= 0) this.messages.splice(at, 1)
  }
}

test('what differs is changed, what is new is added, what is too much is taken back, and nothing else', async () => {
  const room = new Room()
  const said = async (before: TextPart<number>[], texts: string[]) => {
    room.calls.length = 0
    const parts = await writeParts(before, texts, room)
    expect(parts).toEqual(room.messages)
    expect(parts.map((part) => part.text)).toEqual(texts)
    return parts
  }
  const first = await said([], ['a', 'b', 'c'])
  expect(room.calls).toEqual(['add 0', 'add 1', 'add 2'])
  const second = await said(first, ['a', 'B'])
  expect(room.calls).toEqual(['edit 1', 'remove 2'])
  const third = await said(second, ['a', 'B', 'd'])
  expect(room.calls).toEqual(['add 2'])
  await said(third, [])
  expect(room.calls).toEqual(['remove 0', 'remove 1', 'remove 2'])
})

test('broken off anywhere and done again, it comes to the same', async () => {
  const texts = ['A', 'b', 'D', 'e']
  for (let fails = 0; fails < 3; fails++) {
    const room = new Room()
    const before = await writeParts([], ['a', 'b', 'c'], room)
    let calls = 0
    const broken = Object.fromEntries(
      (['add', 'edit', 'remove'] as const).map((name) => [
        name,
        async (...given: unknown[]) => {
          const result = await (room[name] as (...all: unknown[]) => Promise<unknown>)(...given)
          if (calls++ === fails) throw new Error('The desk is away.')
          return result
        },
      ]),
    ) as never
    await expect(writeParts(before, texts, broken)).rejects.toThrow('away')
    await writeParts(before, texts, room)
    expect(room.messages.map((part) => part.text)).toEqual(texts)
  }
})
