// Two words a person can remember in place of an identifier.
import { rngFor } from '../core/rng';

const QUALITIES = [
  'amber',
  'brisk',
  'calm',
  'clear',
  'copper',
  'eager',
  'early',
  'gentle',
  'golden',
  'keen',
  'late',
  'lucid',
  'mellow',
  'northern',
  'patient',
  'plain',
  'quiet',
  'rapid',
  'silver',
  'steady',
  'still',
  'sunny',
  'swift',
  'tidal',
  'velvet',
  'warm',
  'western',
  'winter',
];
const THINGS = [
  'anchor',
  'beacon',
  'bridge',
  'canal',
  'cedar',
  'comet',
  'delta',
  'ferry',
  'harbour',
  'heron',
  'junction',
  'lantern',
  'maple',
  'meadow',
  'otter',
  'platform',
  'plover',
  'points',
  'river',
  'signal',
  'siding',
  'sparrow',
  'station',
  'summit',
  'tunnel',
  'viaduct',
  'willow',
  'yard',
];

/** A name drawn from the characters of `runId`: the same id always has the same name. */
export function runName(runId: string): string {
  const seed = [...runId].reduce((hash, character) => (Math.imul(hash, 31) + character.codePointAt(0)!) | 0, 7);
  const rng = rngFor(seed, 'split');
  return `${QUALITIES[rng.below(QUALITIES.length)]} ${THINGS[rng.below(THINGS.length)]}`;
}
