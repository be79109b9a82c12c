import { expect, test } from '@jest/globals'
import { csvLine, type Format, piecesOf } from '../../src/export/formats.js'

async function fileOf(format: Format): Promise<string> {
  const pages = async function* () {
    yield [{ id: 1, name: 'Asha, "A"' }]
    yield []
    yield [{ id: 2, name: '=1+1' }]
  }
  const columns = [
    { name: 'id', of: ({ id }: { id: number; name: string }) => id },
    { name: 'name', of: ({ name }: { id: number; name: string }) => name },
  ]
  let text = ''
  for await (const piece of piecesOf(format, columns, pages())) text += piece
  return text
}

test('a table has a head, and a line for each row', async () => {
  expect(await fileOf('csv')).toBe('id,name\r\n1,"Asha, ""A"""\r\n2,\'=1+1\r\n')
})

test('lines of JSON have each row as it is', async () => {
  expect(await fileOf('ndjson')).toBe('{"id":1,"name":"Asha, \\"A\\""}\n{"id":2,"name":"=1+1"}\n')
})

test('no cell is a formula, or breaks its line', () => {
  expect(csvLine(['@SUM(A1)', '-2', '\tx', 'a\r\nb', null, undefined, -2])).toBe(
    "'@SUM(A1),'-2,'\tx,\"a\r\nb\",,,-2\r\n",
  )
})
