// Valid configurations for property tests, drawn from the field table.
import fc from 'fast-check';
import { type Field, FIELDS, type FieldValue, withField } from '../config/fields';
import { PRESETS } from '../config/presets';
import type { RunConfig } from '../config/trainConfig';

/** Any value within the limits of `field`. */
function arbitraryValue(field: Field): fc.Arbitrary<FieldValue> {
  switch (field.kind) {
    case 'integer':
      return fc.integer({ min: field.min, max: field.max });
    case 'number':
      return fc.double({ min: field.min, max: field.max, noNaN: true }).map((value) => value + 0);
    case 'boolean':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...field.options);
    case 'names':
      return fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { maxLength: 5 });
  }
}

const anyFields: fc.Arbitrary<RunConfig> = fc
  .tuple(...FIELDS.map(arbitraryValue))
  .map((values) => FIELDS.reduce((config, field, index) => withField(config, field, values[index]!), PRESETS.default));

/** Sizes that keep the rules between fields: G groups of `perGroup` experts, whole heads to a key head, whole sequences to a shard. */
const sizes = fc.record({
  groups: fc.integer({ min: 1, max: 8 }),
  perGroup: fc.integer({ min: 2, max: 16 }),
  kept: fc.nat(),
  chosen: fc.nat(),
  dense: fc.boolean(),
  keyHeads: fc.integer({ min: 1, max: 8 }),
  queries: fc.integer({ min: 1, max: 8 }),
  shards: fc.integer({ min: 1, max: 16 }),
  perShard: fc.integer({ min: 1, max: 32 }),
});

/** Any valid RunConfig, dense ones and grouped ones included. */
export const arbitraryConfig: fc.Arbitrary<RunConfig> = fc.tuple(anyFields, sizes).map(([config, size]) => {
  const topkGroup = 1 + (size.kept % size.groups);
  const experts = size.dense
    ? { nRoutedExperts: 0, nSharedExperts: 0, numExpertsPerTok: 0, nGroup: 1, topkGroup: 1 }
    : {
        nRoutedExperts: size.groups * size.perGroup,
        nGroup: size.groups,
        topkGroup,
        numExpertsPerTok: 1 + (size.chosen % (topkGroup * size.perGroup)),
      };
  const model = {
    ...config.model,
    ...experts,
    numKeyValueHeads: size.keyHeads,
    numAttentionHeads: size.keyHeads * size.queries,
    headDim: 2 * Math.ceil(config.model.headDim / 2),
    firstKDenseReplace: config.model.firstKDenseReplace % (config.model.numHiddenLayers + 1),
  };
  const train = {
    ...config.train,
    shards: size.shards,
    batchSize: size.shards * size.perShard,
    sequenceLength: Math.min(config.train.sequenceLength, model.maxPositionEmbeddings),
  };
  return { ...config, model, train };
});
