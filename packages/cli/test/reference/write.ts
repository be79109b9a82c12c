import { readFile, writeFile } from 'node:fs/promises'
import { BEGIN, reference } from './reference.js'

const file = new URL('../../README.md', import.meta.url)
const [before = ''] = (await readFile(file, 'utf8')).split(BEGIN)
await writeFile(file, before + reference())
