// Names and descriptions of the presets, in English. Keys are shared with zh/presets.ts.

export const presets = {
  'preset.default.name': 'Small, quick and balanced',
  'preset.default.description':
    '16 routed experts in three of four layers, two for each token: learns visibly within a minute and anneals within 400 steps. Narrower than dots.llm1, weights not scaled.',
  'preset.laptop.name': 'For an evening on a laptop',
  'preset.laptop.description':
    '32 routed experts in five of six layers, four for each token, on a schedule of 5,000 steps: slower, and much better in the end.',
  'preset.miniature.name': 'dots.llm1 in miniature',
  'preset.miniature.description':
    'The real routing shape, 128 routed and 2 shared experts with six for each token, on a narrow body; slower for each step.',
  'preset.unbalanced.name': 'Without balancing',
  'preset.unbalanced.description':
    'The small model with the bias and the balance loss off: watch whether a few experts take over.',
  'preset.dense.name': 'Dense, at equal compute',
  'preset.dense.description':
    'No experts, but as many parameters working on each token as in the small model: the baseline to beat.',
};
