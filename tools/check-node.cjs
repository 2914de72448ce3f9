// Runs before anything else, so in words that old versions of Node understand.
const needed = require('../package.json').engines.node.replace('>=', '')

function isOlder (version, than) {
  const parts = version.split('.').map(Number)
  return than.split('.').map(Number).some(function (part, i, all) {
    return parts[i] < part && all.slice(0, i).every(function (earlier, j) { return parts[j] === earlier })
  })
}

if (isOlder(process.versions.node, needed)) {
  console.error('\nfastify-affitor needs Node ' + needed + ' or later; this is Node ' + process.versions.node + '. Get a current one from https://nodejs.org.\n')
  process.exit(1)
}
