/**
 * The direction of imports: `npm run imports`. Type imports count too: a type that points the wrong way ties two
 * parts together as much as a call does.
 */

// Anyone may import these; they import nothing of ours but schemas.
const leaves = ['^schemas/', '^src/errors\\.ts$', '^src/group-commit\\.ts$', '^src/package-file\\.ts$', '^src/version\\.ts$']

// The core: what any host needs, of whatever users and configuration. Folder -> the other folders that it may import,
// beside the leaves. Read it downwards.
const core = {
  // The operator page: HTML for people, and what browsers load; it knows no table and no worker.
  pages: [],
  // HTTP only. No route opens the database: it hands `app.db` to the parts below.
  routes: ['ledger', 'stripe', 'affitor'],
  // The steps open transactions (db).
  workers: ['ledger', 'stripe', 'affitor', 'db'],
  // An interpreter turns a Stripe event into the ledger's facts; what it looks up is passed in.
  stripe: ['ledger'],
  // An attempt is described in the ledger's words: a claimed event, an outcome.
  affitor: ['ledger'],
  // All SQL about events.
  ledger: ['db'],
  db: []
}
const layers = {
  // The operator's commands, one file each.
  cli: ['service', ...Object.keys(core)],
  // The standalone API: configuration, users, signup, login, checkout, storefront, on top of the core.
  service: Object.keys(core),
  ...core
}

// What is started in production: the two processes, and the operator's commands. The image is built from these.
const entries = require('./tsconfig.build.json').files.map(file => `^${file.replaceAll('.', '\\.')}$`)
const folder = name => `^src/${name}/`

module.exports = {
  forbidden: [
    ...Object.entries(layers).map(([name, below]) => ({
      name: `${name}-imports`,
      severity: 'error',
      comment: `src/${name} imports ${[...below.map(part => `src/${part}`), 'the leaves'].join(', ')} and itself, nothing else of the project.`,
      from: { path: folder(name) },
      to: { path: '^(src|schemas)/', pathNot: [...[name, ...below].map(folder), ...leaves] }
    })),
    {
      name: 'known-folders',
      severity: 'error',
      comment: 'A new folder of src needs its line in `layers`.',
      from: { path: '^src/[^/]+/', pathNot: Object.keys(layers).map(folder) },
      to: { path: '.' }
    },
    {
      name: 'schemas-import-nothing',
      severity: 'error',
      comment: 'schemas/ is the contract: TypeBox only, so that anyone may import it.',
      from: { path: '^schemas/' },
      to: { pathNot: ['^schemas/', '^node_modules/@sinclair/typebox/'] }
    },
    {
      name: 'leaves-import-nothing',
      severity: 'error',
      comment: 'errors.ts, group-commit.ts, package-file.ts and version.ts are imported from everywhere, so they import only schemas.',
      from: { path: leaves.slice(1) },
      to: { path: '^(src|sandbox|tools|test|packages|sdk)/' }
    },
    {
      name: 'tables-only-where-sql-is',
      severity: 'error',
      comment: 'All SQL on our tables lives in ledger/. Tests may look into tables; what a database is for is told by what lies in them.',
      from: { pathNot: ['^src/(ledger|db)/', '^src/service/database/holdings\\.ts$', '^test/'] },
      to: { path: '^src/db/tables\\.ts$' }
    },
    {
      name: 'public-is-for-browsers',
      severity: 'error',
      comment: 'Of what browsers load the service imports amounts in words alone, as #money.',
      from: { path: '^(src|schemas)/' },
      to: { path: '^public/', pathNot: '^public/money\\.(js|d\\.ts)$' }
    },
    {
      name: 'src-stands-alone',
      severity: 'error',
      comment: 'The program runs without its sandbox, tools and tests: they import it, never the other way round.',
      from: { path: '^(src|schemas)/' },
      to: { path: '^(sandbox|tools|test)/' }
    },
    {
      name: 'image-holds-production-only',
      severity: 'error',
      comment: 'What runs in production needs nothing of development, however many steps away: the image lacks it.',
      from: { path: entries },
      to: { path: '^(sandbox|tools|test)/', reachable: true }
    },
    {
      name: 'tests-stay-outside',
      severity: 'error',
      comment: 'What `npm run build` compiles cannot need what it leaves out.',
      from: { path: '^sandbox/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(tools|test)/' }
    },
    {
      name: 'tools-stand-apart',
      severity: 'error',
      comment: 'What two tools need, or a tool and the tests, is in tools/harness, which imports none of them.',
      from: { path: '^tools/([^/]+)/' },
      to: { path: '^(tools|test)/', pathNot: ['^tools/$1/', '^tools/harness/'] }
    },
    {
      name: 'packages-stand-alone',
      severity: 'error',
      comment: 'A package could be published, or replaced by a published one, without the project.',
      from: { path: '^(packages|sdk)/' },
      to: { path: '^(src|schemas|sandbox|tools|test)/' }
    },
    {
      name: 'packages-by-name',
      severity: 'error',
      comment: 'Import @affitor/sdk by its name: the published one then takes its place without a change of code.',
      from: { path: '^(src|schemas|sandbox|tools|test)/' },
      to: { path: '^packages/', dependencyTypes: ['local'] }
    },
    {
      name: 'affitor-sdk-in-one-place',
      severity: 'error',
      comment: 'The service talks to Affitor through src/affitor alone.',
      from: { pathNot: ['^src/affitor/', '^packages/', '^(test|tools)/'] },
      to: { path: ['^packages/affitor-sdk/', '^node_modules/@affitor/sdk/'] }
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'Modules that need each other are one module.',
      from: {},
      to: { circular: true }
    },
    {
      name: 'no-dead-modules',
      severity: 'error',
      comment: 'A module of src or schemas that nothing in production loads. What only a test imports is dead too.',
      from: { path: entries },
      to: { path: '^(src|schemas)/', pathNot: entries, reachable: false }
    },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      comment: 'A production install leaves devDependencies out.',
      from: { path: '^(src|schemas)/' },
      to: { dependencyTypes: ['npm-dev'] }
    },
    {
      name: 'declared-packages',
      severity: 'error',
      comment: 'A package that is imported is named in package.json, not found by luck.',
      from: { path: '^(src|schemas|sandbox|tools|test)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'An import that leads nowhere escapes every rule above. Pages find the client SDK by their import map.',
      from: {},
      to: { couldNotResolve: true, pathNot: '^fastify-affitor-client$' }
    }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|\\.tap|\\.data)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.d.ts']
    }
  }
}
