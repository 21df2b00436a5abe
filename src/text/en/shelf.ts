// The model that comes with the page, in English. Keys are shared with zh/shelf.ts.

export const shelf = {
  'shelf.title': 'A trained model to look at first',
  'shelf.badge': 'comes with the page',
  'shelf.subtitle':
    '{name} · step {step}, {tokens} tokens read · held-out text {loss} nats a token (token frequencies {unigram}, the token before {bigram})',
  'shelf.table': 'Snapshots of the run',
  'shelf.step': 'Step',
  'shelf.tokens': 'Tokens read',
  'shelf.loss': 'Held-out text, nats a token',
  'shelf.layer': 'Layer whose experts colour the text',
  'shelf.strip': 'Text the model read and wrote, by expert',
  'shelf.rest': 'Written at step {step}, same prompt, same seed. Colour: best-scoring expert; ◥: the bias changed the route.',
  'shelf.token': '“{piece}” · {experts} · surprise {surprise} nats',
  'shelf.prompt.first': 'The people of the United States',
};
