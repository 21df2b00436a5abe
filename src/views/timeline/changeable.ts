import { findField } from '../../config/fields';

/** What a branch can change; other settings would change the shape of a tensor, or nothing that one branches for. */
export const CHANGEABLE = [
  'train.balanceMode',
  'train.biasUpdateSpeed',
  'model.numExpertsPerTok',
  'train.learningRate',
  'data.chineseShare',
].map((path) => findField(path)!);
