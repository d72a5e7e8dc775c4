/** `inspect <model.onnx | dir>`: what a model or a bundle consists of and costs. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Argv } from 'yargs'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import { MANIFEST, type Manifest } from '../bundle/bundle.ts'
import { importModel } from '../import/import.ts'
import { inspectModel } from '../inspection/inspect.ts'
import { PASSES } from '../passes/index.ts'
import { runPasses } from '../rewriting/pass.ts'
import type { GlobalOptions, Output } from '../terminal/output.ts'
import { type ArgumentsOf, command } from './command.ts'
import { CheckFailed, EXIT, UsageError, withFile } from './errors.ts'
import { bundleTables, modelTables, problemTable } from './inspect-tables.ts'
import { readModel, shapeOptions } from './model-options.ts'

function builder(argv: Argv<GlobalOptions>) {
  return shapeOptions(argv)
    .positional('path', { type: 'string', demandOption: true, describe: 'An ONNX model, or the folder of a bundle' })
    .example('$0 inspect model.onnx', 'layers and totals, or everything that is not supported')
    .example('$0 inspect model.onnx --dim batch_size=1 --json', 'a symbolic dimension fixed; output for programs')
    .example('$0 inspect dist/', 'sizes, targets and peak memory of a bundle')
}

type InspectArguments = ArgumentsOf<typeof builder>

export const inspectCommand = command({
  command: 'inspect <path>',
  describe: 'Show what a model or a bundle consists of: layers, shapes, parameters, multiply-adds, bytes',
  builder,
  run(args, output) {
    const isFolder = withFile(args.path, () => statSync(args.path).isDirectory())
    if (isFolder) inspectBundle(args.path, output)
    else inspectFile(args, output)
  },
})

function inspectBundle(folder: string, output: Output): void {
  const manifest = readManifest(folder)
  output.text(bundleTables(manifest, output.colors))
  output.value(manifest)
}

function readManifest(folder: string): Manifest {
  const path = join(folder, MANIFEST)
  if (!existsSync(path))
    throw new UsageError(`${folder} is no bundle: it has no ${MANIFEST}`, 'give a model file, or a folder that compile wrote')
  const text = withFile(path, () => readFileSync(path, 'utf8'))
  try {
    const manifest: Manifest = JSON.parse(text)
    if (Array.isArray(manifest.targets) && manifest.files && manifest.sizes) return manifest
  } catch {
    // Not JSON: reported below, like JSON that is no manifest.
  }
  throw new UsageError(`${path} is no manifest of a bundle`)
}

/** Batch normalisation is folded before counting, as it will be when the model runs. */
function inspectFile(args: InspectArguments, output: Output): void {
  const model = readModel(args.path, args)
  try {
    output.progress('reading the model')
    const report = inspectModel(runPasses(importModel(model.bytes, model.options), PASSES))
    output.text(modelTables(report, output.colors))
    output.value(report)
  } catch (error) {
    const problems = error instanceof Diagnostics ? error.list : error instanceof Diagnostic ? [error] : []
    if (problems.every((d) => !d.node) || output.json) throw error
    output.text(problemTable(problems, output.colors))
    throw new CheckFailed(`${args.path} cannot be compiled`, EXIT.model)
  }
}
