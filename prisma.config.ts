import { defineConfig } from 'prisma/config'

export default defineConfig({
  schema: 'prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: {
    // Only commands that look into a database need an address; generate and validate must work without one.
    url: process.env.DATABASE_URL ?? '',
  },
})
