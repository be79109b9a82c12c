/** Files on their way to become part of a message. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { upload } from './upload.js'

/** As many as a message may name. */
export const MOST_FILES = 10

export interface Upload {
  key: number
  file: File
  /** 0 to 1. */
  progress: number
  /** Once it is kept. */
  id?: string
  error?: unknown
}

export interface Uploads {
  list: readonly Upload[]
  /** Begins to send files; those beyond what a message may have are left. @returns how many were left */
  add: (files: readonly File[]) => number
  remove: (key: number) => void
  again: (key: number) => void
  /** Forgets all: their message has gone. */
  clear: () => void
}

/** @param actFor whose files they are; those of another one are dropped */
export function useUploads(actFor: string): Uploads {
  const [list, setList] = useState<readonly Upload[]>([])
  const shown = useRef(list)
  shown.current = list
  const under = useRef(new Map<number, AbortController>())
  const next = useRef(0)

  const change = useCallback((key: number, change: Partial<Upload>) => {
    setList((before) => before.map((each) => (each.key === key ? { ...each, ...change } : each)))
  }, [])

  const begin = useCallback(
    (key: number, file: File) => {
      const giveUp = new AbortController()
      under.current.set(key, giveUp)
      const onProgress = (sent: number, all: number) => change(key, { progress: all > 0 ? sent / all : 0 })
      upload(file, { actFor, onProgress, signal: giveUp.signal })
        .then(
          ({ id }) => change(key, { id, progress: 1 }),
          (error: unknown) => change(key, { error }),
        )
        .finally(() => under.current.delete(key))
    },
    [actFor, change],
  )

  const add = useCallback(
    (files: readonly File[]) => {
      const room = files.slice(0, MOST_FILES - shown.current.length)
      const added = room.map((file) => ({ key: next.current++, file, progress: 0 }))
      setList((before) => [...before, ...added])
      for (const { key, file } of added) begin(key, file)
      return files.length - room.length
    },
    [begin],
  )

  const remove = useCallback((key: number) => {
    under.current.get(key)?.abort()
    setList((before) => before.filter((each) => each.key !== key))
  }, [])

  const again = useCallback(
    (key: number) => {
      const found = shown.current.find((each) => each.key === key)
      if (!found || under.current.has(key)) return
      change(key, { error: undefined, progress: 0 })
      begin(key, found.file)
    },
    [begin, change],
  )

  const clear = useCallback(() => setList([]), [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a file belongs to the listener that sent it
  useEffect(
    () => () => {
      for (const giveUp of under.current.values()) giveUp.abort()
      setList([])
    },
    [actFor],
  )
  return { list, add, remove, again, clear }
}
