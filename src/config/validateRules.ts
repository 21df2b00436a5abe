// The rules between fields: what no single limit can say. Each names the field a person would change first.
import type { FieldError } from './fieldError';
import type { FieldPath } from './fields';
import type { ModelConfig } from './modelConfig';
import { AUTOMATIC_SHARDS } from './shards';
import type { RunConfig, TrainConfig } from './trainConfig';

type Params = FieldError['params'];
type Broken = (field: FieldPath, value: number, rule: FieldError['rule'], params: Params) => void;

/** Rules between the fields of a configuration whose fields are each within their limits. */
export function checkRules(config: RunConfig): FieldError[] {
  const errors = checkModelRules(config.model);
  checkTrain(config.train, config.model, (field, value, rule, params) => errors.push({ field, value, rule, params }));
  return errors;
}

/** Rules between the fields of a model alone. */
export function checkModelRules(model: ModelConfig): FieldError[] {
  const errors: FieldError[] = [];
  checkModel(model, (field, value, rule, params) => errors.push({ field, value, rule, params }));
  return errors;
}

function checkModel(model: ModelConfig, broken: Broken): void {
  if (model.headDim % 2 !== 0) broken('model.headDim', model.headDim, 'even', {});
  if (model.numAttentionHeads % model.numKeyValueHeads !== 0)
    broken(
      'model.numKeyValueHeads',
      model.numKeyValueHeads,
      'divides',
      other('model.numAttentionHeads', model.numAttentionHeads),
    );
  if (model.firstKDenseReplace > model.numHiddenLayers)
    broken('model.firstKDenseReplace', model.firstKDenseReplace, 'atMost', other('model.numHiddenLayers', model.numHiddenLayers));
  if (model.nRoutedExperts === 0) checkDense(model, broken);
  else checkExperts(model, broken);
}

function checkDense(model: ModelConfig, broken: Broken): void {
  if (model.nSharedExperts > 0) broken('model.nSharedExperts', model.nSharedExperts, 'needsExperts', {});
  if (model.numExpertsPerTok > 0) broken('model.numExpertsPerTok', model.numExpertsPerTok, 'needsExperts', {});
  if (model.nGroup > 1) broken('model.nGroup', model.nGroup, 'range', { min: 1, max: 1 });
  if (model.topkGroup > 1) broken('model.topkGroup', model.topkGroup, 'range', { min: 1, max: 1 });
}

function checkExperts(model: ModelConfig, broken: Broken): void {
  const { nRoutedExperts, numExpertsPerTok, nGroup, topkGroup } = model;
  const experts = other('model.nRoutedExperts', nRoutedExperts);
  if (numExpertsPerTok < 1) broken('model.numExpertsPerTok', numExpertsPerTok, 'atLeast', { min: 1, ...experts });
  if (numExpertsPerTok > nRoutedExperts) broken('model.numExpertsPerTok', numExpertsPerTok, 'atMost', experts);
  if (topkGroup > nGroup) broken('model.topkGroup', topkGroup, 'atMost', other('model.nGroup', nGroup));
  if (nRoutedExperts % nGroup !== 0) broken('model.nGroup', nGroup, 'divides', experts);
  // A group is scored by its two largest choice scores.
  else if (nGroup > 1 && nRoutedExperts / nGroup < 2) broken('model.nGroup', nGroup, 'groupSize', { experts: nRoutedExperts });
  else if (topkGroup <= nGroup && numExpertsPerTok <= nRoutedExperts) {
    const reach = topkGroup * (nRoutedExperts / nGroup);
    if (numExpertsPerTok > reach) broken('model.numExpertsPerTok', numExpertsPerTok, 'reach', { reach, groups: topkGroup });
  }
}

function checkTrain(train: TrainConfig, model: ModelConfig, broken: Broken): void {
  if (train.shards !== AUTOMATIC_SHARDS && train.batchSize % train.shards !== 0)
    broken('train.batchSize', train.batchSize, 'multipleOf', other('train.shards', train.shards));
  if (train.sequenceLength > model.maxPositionEmbeddings)
    broken(
      'train.sequenceLength',
      train.sequenceLength,
      'atMost',
      other('model.maxPositionEmbeddings', model.maxPositionEmbeddings),
    );
}

function other(otherField: FieldPath, value: number): Params {
  return { otherField, other: value };
}
