import { useEffect, useRef, useState } from 'react'
import { useAction } from '../api/use-action.js'
import { Button } from '../components/button.js'
import { Problem } from '../components/problem.js'
import { saveText } from '../files/save.js'
import { type ExportColumn, type Format, piecesOf, TYPES } from './formats.js'

/** What there is to ask for after a page; undefined: nothing. */
export interface Page<Row> {
  rows: readonly Row[]
  next: string | undefined
}

interface ExportButtonsProps<Row> {
  /** Of the file, without its ending. */
  name: string
  columns: readonly ExportColumn<Row>[]
  ask: (after: string | undefined, signal: AbortSignal) => Promise<Page<Row>>
}

/** All that a list finds, page by page, as a file. */
export function ExportButtons<Row>({ name, columns, ask }: ExportButtonsProps<Row>) {
  const [count, setCount] = useState(0)
  const stopping = useRef(new AbortController())
  useEffect(() => () => stopping.current.abort(), [])
  const { run, busy, error } = useAction(async (format: Format) => {
    stopping.current = new AbortController()
    const { signal } = stopping.current
    setCount(0)
    const pages = async function* () {
      let after: string | undefined
      do {
        const { rows, next } = await ask(after, signal)
        after = next
        setCount((before) => before + rows.length)
        yield rows
      } while (after !== undefined)
    }
    await saveText(`${name}.${format}`, TYPES[format], piecesOf(format, columns, pages())).catch((failure: unknown) => {
      if (!signal.aborted) throw failure
    })
  })
  return (
    <>
      <Button onClick={() => run('csv')} disabled={busy}>
        Export CSV
      </Button>
      <Button onClick={() => run('ndjson')} disabled={busy}>
        Export NDJSON
      </Button>
      {busy && <Button onClick={() => stopping.current.abort()}>Stop the export</Button>}
      <span role="status">{count > 0 && `${count} ${busy ? 'so far' : 'exported'}`}</span>
      <Problem error={error} />
    </>
  )
}
