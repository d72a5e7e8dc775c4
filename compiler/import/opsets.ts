/** Opset versions that a model imports. */

import { Diagnostic } from '../../ir/diagnostics.ts'
import { int64Number, type ModelProto } from '../onnx/proto.ts'
import { NEWEST_OPSET, OLDEST_OPSET } from '../operators/index.ts'

/**
 * The opset version of each domain; the default domain is ''. Throws `Diagnostic` where the version of the
 * default domain is missing or not supported.
 */
export function readOpsets(model: ModelProto): Map<string, number> {
  const opsets = new Map<string, number>()
  for (const entry of model.opsetImport) {
    const domain = entry.domain === 'ai.onnx' ? '' : entry.domain
    const version = int64Number(entry.version)
    const known = opsets.get(domain)
    if (known !== undefined && known !== version)
      throw invalid(`opset_import has duplicate entries for domain "${domain}": ${known} and ${version}`)
    opsets.set(domain, version)
  }
  const version = opsets.get('')
  if (version === undefined) throw invalid('no opset_import for the default domain')
  if (version < 1) throw invalid(`opset ${version} does not exist`)
  if (version < OLDEST_OPSET) throw unsupported(version, 'older', 'convert the model with onnx.version_converter')
  if (version > NEWEST_OPSET) throw unsupported(version, 'newer', `export with opset ${NEWEST_OPSET} or older`)
  return opsets
}

function invalid(message: string): Diagnostic {
  return new Diagnostic({ code: 'invalid-model', message })
}

function unsupported(version: number, than: string, hint: string): Diagnostic {
  const range = `${OLDEST_OPSET} to ${NEWEST_OPSET}`
  return new Diagnostic({ code: 'unsupported-opset', message: `opset ${version} is ${than} than those supported, ${range}`, hint })
}
