import { startTestServer } from './postgres-server.js'

// tap runs this once before the first test file. It and every test file are children of tap's process.
await startTestServer(process.ppid)
