// Loaded into the service by --import: tells how many bytes of the heap are in use after a full garbage
// collection, which is what a leak shows in; between collections the heap goes up and down by itself.
import { createServer } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

createServer((_request, response) => {
  collectGarbage()
  response.setHeader('connection', 'close').end(String(process.memoryUsage().heapUsed))
}).listen(Number(process.env.HEAP_PROBE_PORT), '127.0.0.1').unref()
