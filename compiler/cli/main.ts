#!/usr/bin/env node
/** The program `mobilenet-compile`. */

import { hideBin } from 'yargs/helpers'
import { commandLine } from './command-line.ts'
import { EXIT } from './errors.ts'

/** It is no error if a reader of the output, such as `head`, stops reading. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.ok)
})

process.exitCode = await commandLine(hideBin(process.argv))
