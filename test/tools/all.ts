import { runFolder } from '../helpers/folder.js'

await runFolder(import.meta.url)
