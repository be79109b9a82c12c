const { TRACT_TEST_RECORD_STATEMENTS: recording } = process.env

/** One run over every package: suites share the PostgreSQL server that the global setup starts. */
export default {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/packages/testing/src/postgres-setup.mjs',
  globalTeardown: '<rootDir>/packages/testing/src/postgres-teardown.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  setupFiles: recording ? ['<rootDir>/packages/testing/src/record-statements.ts'] : [],
  testMatch: ['<rootDir>/packages/*/test/**/*.test.ts', '<rootDir>/scripts/**/*.test.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@tract/testing/(.*)$': '<rootDir>/packages/testing/src/$1.ts',
    '^@tract/contract$': '<rootDir>/packages/contract/src/index.ts',
    '^@tract/contract/hsl$': '<rootDir>/packages/contract/src/hsl/index.ts',
    '^@tract/contract/json$': '<rootDir>/packages/contract/src/json/exact-json.ts',
    '^@tract/embedded-postgres$': '<rootDir>/packages/embedded-postgres/src/index.ts',
    '^@tract/contract/sandbox$': '<rootDir>/packages/contract/src/sandbox.ts',
  },
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // of two cores, half was idle with two: they wait more than they work
  maxWorkers: 3,
  // It ends what hangs, and no test because its machine is busy: twenty minutes, and no test has a limit of its own.
  testTimeout: 1_200_000,
}
