import { expect, test } from '@jest/globals'
import { createProgram, everyCommand } from '../src/program.js'

test('what reads is called alike everywhere: list for all, get for one or for what is asked', () => {
  const below = everyCommand(createProgram(() => {})).filter(({ parent }) => parent?.parent)
  const named = (about: RegExp) => [
    ...new Set(below.filter((command) => about.test(command.description())).map((command) => command.name())),
  ]
  expect(named(/^Shows /)).toEqual(['get'])
  // of one thread, its listeners are listed
  expect(named(/^Lists /)).toEqual(['list', 'listeners'])
})
