import { stopTestServer } from './postgres-server.js'

await stopTestServer(process.ppid)
