/**
 * The ONNX messages as protobufjs reflection descriptors. Field names, numbers and types are those of
 * onnx/onnx.proto (proto2). Parts that are never read have type `bytes` here, although onnx.proto declares them
 * as messages. Documentation and annotations are left out.
 */

type Rule = 'repeated'
type Field = { readonly id: number; readonly type: string; readonly rule?: Rule; readonly options?: { readonly packed: boolean } }

const one = (id: number, type: string): Field => ({ id, type })
const many = (id: number, type: string): Field => ({ id, type, rule: 'repeated' })
const packed = (id: number, type: string): Field => ({ id, type, rule: 'repeated', options: { packed: true } })

export const ONNX_SCHEMA = {
  ModelProto: {
    fields: {
      irVersion: one(1, 'int64'),
      producerName: one(2, 'string'),
      producerVersion: one(3, 'string'),
      domain: one(4, 'string'),
      modelVersion: one(5, 'int64'),
      docString: one(6, 'string'),
      graph: one(7, 'GraphProto'),
      opsetImport: many(8, 'OperatorSetIdProto'),
      metadataProps: many(14, 'StringStringEntryProto'),
      functions: many(25, 'FunctionProto'),
    },
  },
  FunctionProto: {
    fields: {
      name: one(1, 'string'),
      input: many(4, 'string'),
      output: many(5, 'string'),
      attribute: many(6, 'string'),
      node: many(7, 'NodeProto'),
      opsetImport: many(9, 'OperatorSetIdProto'),
      domain: one(10, 'string'),
      attributeProto: many(11, 'AttributeProto'),
      overload: one(13, 'string'),
    },
  },
  GraphProto: {
    fields: {
      node: many(1, 'NodeProto'),
      name: one(2, 'string'),
      initializer: many(5, 'TensorProto'),
      input: many(11, 'ValueInfoProto'),
      output: many(12, 'ValueInfoProto'),
      valueInfo: many(13, 'ValueInfoProto'),
      sparseInitializer: many(15, 'bytes'),
    },
  },
  NodeProto: {
    fields: {
      input: many(1, 'string'),
      output: many(2, 'string'),
      name: one(3, 'string'),
      opType: one(4, 'string'),
      attribute: many(5, 'AttributeProto'),
      domain: one(7, 'string'),
      overload: one(8, 'string'),
    },
  },
  AttributeProto: {
    fields: {
      name: one(1, 'string'),
      f: one(2, 'float'),
      i: one(3, 'int64'),
      s: one(4, 'bytes'),
      t: one(5, 'TensorProto'),
      g: one(6, 'bytes'),
      floats: many(7, 'float'),
      ints: many(8, 'int64'),
      strings: many(9, 'bytes'),
      tensors: many(10, 'TensorProto'),
      graphs: many(11, 'bytes'),
      type: one(20, 'int32'),
      refAttrName: one(21, 'string'),
    },
  },
  TensorProto: {
    fields: {
      dims: many(1, 'int64'),
      dataType: one(2, 'int32'),
      segment: one(3, 'TensorSegment'),
      floatData: packed(4, 'float'),
      int32Data: packed(5, 'int32'),
      stringData: many(6, 'bytes'),
      int64Data: packed(7, 'int64'),
      name: one(8, 'string'),
      rawData: one(9, 'bytes'),
      doubleData: packed(10, 'double'),
      uint64Data: packed(11, 'uint64'),
      externalData: many(13, 'StringStringEntryProto'),
      dataLocation: one(14, 'int32'),
    },
  },
  TensorSegment: { fields: { begin: one(1, 'int64'), end: one(2, 'int64') } },
  ValueInfoProto: { fields: { name: one(1, 'string'), type: one(2, 'TypeProto') } },
  TypeProto: {
    fields: {
      tensorType: one(1, 'TensorTypeProto'),
      sequenceType: one(4, 'bytes'),
      mapType: one(5, 'bytes'),
      sparseTensorType: one(8, 'bytes'),
      optionalType: one(9, 'bytes'),
    },
  },
  TensorTypeProto: { fields: { elemType: one(1, 'int32'), shape: one(2, 'TensorShapeProto') } },
  TensorShapeProto: { fields: { dim: many(1, 'DimensionProto') } },
  DimensionProto: { fields: { dimValue: one(1, 'int64'), dimParam: one(2, 'string') } },
  OperatorSetIdProto: { fields: { domain: one(1, 'string'), version: one(2, 'int64') } },
  StringStringEntryProto: { fields: { key: one(1, 'string'), value: one(2, 'string') } },
}
