import { main } from '../../src/service/run.js'
import { buildPackage } from './build.js'

/** `npm run build:package` */
await main(async () => {
  const { folder, manifest } = await buildPackage()
  console.log(`${manifest.name} ${manifest.version} is in ${folder}: \`npm pack\` there makes the tarball.`)
})
