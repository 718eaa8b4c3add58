#!/usr/bin/env node
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// From Node 22.8 on: compiled once, loaded from then on. Never in a shared temporary folder, where somebody else could have put code before.
// A folder that cannot be written only means that nothing is kept; NODE_DISABLE_COMPILE_CACHE=1 turns it off.
module.enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kdebug'));
await import('../dist/cli.js');
