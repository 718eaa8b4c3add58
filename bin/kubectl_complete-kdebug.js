#!/usr/bin/env node
// kubectl calls this for `kubectl kdebug <Tab>` with the words so far (cmd/plugin.go of kubectl, since 1.26).
process.argv.splice(2, 0, 'complete', '--');
await import('../dist/cli.js');
