#!/usr/bin/env node
/** The program `mobilenet-compile`. */

import { hideBin } from 'yargs/helpers'
import { commandLine } from './command-line.ts'
import { EXIT } from './errors.ts'

/** A reader that has seen enough, such as `head`, is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.ok)
})

process.exitCode = await commandLine(hideBin(process.argv))
