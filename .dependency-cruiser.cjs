/**
 * The direction of imports: `npm run imports`. Type imports count too: a type that points the wrong way ties two
 * parts together as much as a call does.
 */

// Anyone may import these; they import nothing of ours but schemas.
const file = name => `^src/${name}\\.ts$`
const leaves = ['^schemas/', ...['customer-hash', 'environment', 'errors', 'group-commit', 'in-time', 'log-errors', 'package-file', 'recent-answer', 'stripe-error', 'tracing', 'version', 'database'].map(file)]

// The core: what any host needs, of whatever users and configuration. Folder -> the other folders that it may import,
// beside the leaves. Read it downwards.
const core = {
  // What `verify` and the operator page ask of an installation.
  checks: ['ledger', 'stripe', 'affitor', 'db'],
  // The operator page: HTML for people, and what browsers load; it knows no table and no worker.
  pages: [],
  // HTTP only. No route opens the database: it hands its `db` to the parts below.
  routes: ['ledger', 'stripe', 'affitor', 'http', 'observability', 'db'],
  // How requests are checked, and errors answered, whatever the app around it does.
  http: ['db'],
  // What a host's library makes of a statement; they import none of those libraries.
  adapters: [],
  // The steps open transactions (db).
  workers: ['ledger', 'stripe', 'affitor', 'observability', 'db'],
  // What is told to whoever watches: it counts, and changes nothing.
  observability: ['ledger', 'db'],
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
  // The standalone API: configuration, users, signup, login, checkout, storefront, on top of the plugin.
  service: Object.keys(core),
  ...core
}
// Between the two: the files of src itself. Each may import the ones before it, and the core.
const options = ['options', 'affitor'].map(file)
const engine = ['settings', 'facts', 'attribution', 'create-engine', 'engine'].map(file)
const plugin = ['plugin', 'index'].map(file)

// What is started in production: the two processes, and the operator's commands. The image is built from these.
const entries = require('./tsconfig.build.json').files.map(path => `^${path.replaceAll('.', '\\.')}$`)
// What the published package begins with, beside the stand-ins.
const published = ['index', 'cli/index'].map(file)
const folder = name => `^src/${name}/`

module.exports = {
  forbidden: [
    ...Object.entries(layers).map(([name, below]) => ({
      name: `${name}-imports`,
      severity: 'error',
      comment: `src/${name} imports ${[...below.map(part => `src/${part}`), 'the leaves'].join(', ')} and itself, nothing else of the project.`,
      from: { path: folder(name) },
      to: { path: '^(src|schemas)/', pathNot: [...[name, ...below].map(folder), ...leaves, ...(name === 'service' || name === 'cli' ? [...options, ...engine, ...plugin] : [])] }
    })),
    {
      name: 'options-are-types',
      severity: 'error',
      comment: 'The public types of src/options.ts and src/affitor.ts reach nothing that a host does not have.',
      from: { path: options },
      to: { path: ['^src/', '^node_modules/'], pathNot: [...options, ...leaves, '^node_modules/(@types/)?(fastify|stripe)/'] }
    },
    {
      name: 'engine-knows-no-plugin',
      severity: 'error',
      comment: 'The engine runs without Fastify\'s routes, and the plugin without the service.',
      from: { path: engine },
      to: { path: ['^src/(service|cli)/', ...plugin] }
    },
    {
      name: 'plugin-knows-no-service',
      severity: 'error',
      comment: 'The service is a user of the plugin, as any other.',
      from: { path: plugin },
      to: { path: '^src/(service|cli)/' }
    },
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
      comment: 'errors.ts, group-commit.ts and the like are imported from everywhere, so they import only each other, and schemas.',
      from: { path: leaves.slice(1) },
      to: { path: '^(src|sandbox|tools|test|packages|sdk)/', pathNot: leaves }
    },
    {
      name: 'tables-only-where-sql-is',
      severity: 'error',
      comment: 'All SQL on our tables lives in ledger/. Tests may look into tables.',
      from: { pathNot: ['^src/(ledger|db)/', '^test/'] },
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
      from: { path: '^tools/([^/]+)/', pathNot: '^tools/release/' },
      to: { path: '^(tools|test)/', pathNot: ['^tools/$1/', '^tools/harness/'] }
    },
    {
      name: 'release-publishes-what-package-builds',
      severity: 'error',
      comment: 'A release is made of the package that tools/package builds and tries.',
      from: { path: '^tools/release/' },
      to: { path: '^(tools|test)/', pathNot: ['^tools/(release|package|harness)/'] }
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
      comment: 'Modules that need each other are one module. Prisma generates its own circles.',
      from: { pathNot: '^test/adapters/prisma-client/' },
      to: { circular: true }
    },
    {
      name: 'no-dead-modules',
      severity: 'error',
      comment: 'A module of src or schemas that nothing in production loads. What only a test imports is dead too.',
      from: { path: [...entries, ...published] },
      to: { path: '^(src|schemas)/', pathNot: [...entries, ...published], reachable: false }
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
    exclude: { path: '^(dist|packages/[^/]+/build|docs/\\.vitepress/(dist|cache)|tools/package/consumer|test/docs/app-around|examples|coverage|\\.tap|\\.data)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.d.ts']
    }
  }
}
