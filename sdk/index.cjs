// For `require`: the same module, so that both ways of loading it share one class of errors.
module.exports = require('./index.js')
