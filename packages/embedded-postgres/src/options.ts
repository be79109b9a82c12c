/** What a person sets to mend what an error tells of. */
export interface Settings {
  /** Sets the data dir. */
  dataDir: string
  /** Names a server to use instead of the embedded one. */
  server: string
}

export interface EmbeddedPostgresOptions {
  /** Of the database and its user, and of what the server leaves outside of the data dir. Letters and hyphens. */
  name: string
  /** Made if it is not there; the database is in its subfolder `postgres`, the server's log in `postgres.log`. */
  dataDir: string
  /** How errors call what a person can set; without it they name these options. */
  settings?: Settings
  /** Takes what an operator should know: a server restarted, an orphan stopped. */
  log: (message: string) => void
}
