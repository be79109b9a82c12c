/** In the same process as the setup: the server's handle is where the setup left it. */
export default () => globalThis[Symbol.for('tract.test.postgres')]?.()
