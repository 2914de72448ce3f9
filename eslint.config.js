import neostandard from 'neostandard'

export default [
  ...neostandard({
    ts: true,
    ignores: ['dist/**', 'packages/*/build/**', 'docs/.vitepress/{dist,cache}/**', '.tap/**', '.data/**', 'migrations/**', 'sdk/schema.d.ts', 'test/adapters/prisma-client/**']
  }),
  {
    rules: {
      camelcase: ['error', { properties: 'never', allow: ['^OpenAPIV3_1$'] }],
      // `void promise` says that a promise is not awaited on purpose.
      'no-void': ['error', { allowAsStatement: true }],
      // A schema and the type derived from it share one name; the compiler finds real redeclarations.
      '@typescript-eslint/no-redeclare': 'off'
    }
  },
  {
    // One place reads the environment; everything else is told what it needs.
    files: ['src/**/*.ts', 'schemas/**/*.ts'],
    ignores: ['src/environment.ts'],
    rules: { 'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Only src/environment.ts reads the environment.' }] }
  },
  {
    // Browser code: tsconfig.pages.json knows the browser's globals, and finds what is not defined.
    files: ['public/**/*.js', 'sandbox/pages/public/**/*.js'],
    rules: { 'no-undef': 'off' }
  }
]
