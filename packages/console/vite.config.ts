import { defineConfig } from 'vite'

export default defineConfig({
  base: '/console/',
  // what is shown goes by there; its types are React's
  oxc: { jsx: { runtime: 'automatic', importSource: '#jsx' } },
  // Whatever the environment of who builds says: React has a larger and slower self for development.
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: {
      // Directives of React servers say nothing to a browser.
      onLog: (level, log, next) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') next(level, log)
      },
    },
  },
  logLevel: 'warn',
})
