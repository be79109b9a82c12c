import { ROOT } from '../check/command.js'

const { BENCH_SUBJECT } = process.env

/** The checkout whose build is measured: this one, or another that is measured by the same benchmark (turns.ts). */
export const SUBJECT = BENCH_SUBJECT ?? ROOT
