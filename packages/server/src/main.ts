#!/usr/bin/env node
import module from 'node:module'

// keeps what V8 compiles for the next start, where Node can (22.1)
;(module as { enableCompileCache?: () => void }).enableCompileCache?.()
await import('./run.js')
